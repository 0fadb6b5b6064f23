"""What Prometheus reads of times that are counted without its library."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared.durations import SECONDS, Durations

LABELS = {"service": "auth", "status": "200"}


class Told:
    """A histogram, and what the text of a scrape says of it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.durations = Durations("work_seconds", "How long work took", ("service", "status"), self._registry)

    def samples(self, labels: Mapping[str, str] = LABELS) -> dict[str, float]:
        [family] = text_string_to_metric_families(generate_latest(self._registry).decode())
        assert (family.name, family.type, family.documentation) == ("work_seconds", "histogram", "How long work took")
        return {
            f"{sample.name} {sample.labels.get('le', '')}".strip(): sample.value
            for sample in family.samples
            if labels.items() <= sample.labels.items()
        }


def test_each_is_counted_under_every_bound_that_it_does_not_exceed() -> None:
    told = Told()
    times = told.durations.labels("auth", "200")
    for seconds in (0.0004, 0.001, 0.0011, 7.5, 31.0):
        times.observe(seconds)
    samples = told.samples()
    counted = {bound: samples[f"work_seconds_bucket {float(bound)}"] for bound in SECONDS}
    assert [counted[bound] for bound in (0.001, 0.0025, 5, 10, 30)] == [2, 3, 3, 4, 4]
    assert samples["work_seconds_bucket +Inf"] == samples["work_seconds_count"] == 5
    assert samples["work_seconds_sum"] == sum((0.0004, 0.001, 0.0011, 7.5, 31.0))


def test_what_has_other_labels_is_counted_apart_and_what_has_the_same_together() -> None:
    told = Told()
    for status in ("200", "503", "200"):
        told.durations.labels("auth", status).observe(0.01)
    assert told.samples()["work_seconds_count"] == 2
    assert told.samples(LABELS | {"status": "503"})["work_seconds_count"] == 1


def test_nothing_is_told_of_what_never_happened() -> None:
    assert Told().samples() == {}
