"""What devices are called."""

import pytest

from services.auth.domain.devices import LONGEST_NAME, UNKNOWN_DEVICE, device_name, fingerprint
from shared.ids import new_id

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            f"{WINDOWS} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0",
            "Edge on Windows",
        ),
        (f"{MAC} Chrome/131.0.0.0 Safari/537.36", "Chrome on macOS"),
        (f"{MAC} Version/17.4 Safari/605.1.15", "Safari on macOS"),
        (f"{WINDOWS[:-1]}; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("curl/8.5.0", "curl"),
        ("", UNKNOWN_DEVICE),
    ],
)
def test_a_device_is_called_by_its_browser_and_system(agent: str, name: str) -> None:
    assert device_name(agent) == name


def test_what_a_program_calls_itself_is_short_and_printable() -> None:
    assert len(device_name("x" * 300)) == LONGEST_NAME
    assert device_name("evil\u202eprogram/1") == UNKNOWN_DEVICE


CHROME = f"{MAC} Chrome/131.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "address"),
    [
        (CHROME.replace("131", "132"), "192.0.2.7"),  # an update
        (CHROME, "192.0.200.1"),  # the same provider
    ],
)
def test_neither_an_update_nor_a_walk_makes_a_new_device(agent: str, address: str) -> None:
    ann = new_id()
    assert fingerprint(ann, agent, address) == fingerprint(ann, CHROME, "192.0.2.7")
    assert fingerprint(ann, CHROME, "2001:db8:1::1") == fingerprint(ann, CHROME, "2001:db8:2::1")


def test_another_browser_network_or_person_makes_one() -> None:
    ann = new_id()
    seen = {
        fingerprint(ann, CHROME, "192.0.2.7"),
        fingerprint(ann, WINDOWS, "192.0.2.7"),
        fingerprint(ann, CHROME, "198.51.100.1"),
        fingerprint(ann, CHROME, "2001:db8::1"),
        fingerprint(ann, CHROME, "nonsense"),
        fingerprint(new_id(), CHROME, "192.0.2.7"),
    }
    assert len(seen) == 6
