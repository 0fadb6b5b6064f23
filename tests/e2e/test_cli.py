"""The commands of operators and HR people, on a running product."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli.dev_file import DevFile
from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL
from cli.processes import Process
from tests.e2e.described import environment_of
from tests.e2e.program import command, sparknode
from tests.e2e.support import PASSWORD, World, eventually, token_in
from tests.support.callers import SIGNING_KEY


@pytest.fixture(scope="module")
def home(product: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of `sparknode up`, as far as commands see it."""
    folder = tmp_path_factory.mktemp("home")
    secrets = product.live.secrets
    dev_file = DevFile(
        product.base_url,
        product.tenant_id,
        ADMIN_EMAIL,
        secrets.admin_password,
        OPERATOR_EMAIL,
        secrets.operator_password,
        f"{product.base_url}/dev/mailbox",
    )
    with dev_file.kept_in(folder / "dev.json"):
        yield folder


def output_of(done: "subprocess.CompletedProcess[str]") -> Any:
    """What a command printed as JSON."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_tenant_is_made_listed_and_its_owner_invited(product: World, home: Path) -> None:
    slug = f"acme-{uuid4().hex[:6]}"
    claims = ("--domain", f"{slug}.com", "--domain", f"{slug}.org:approval")
    owner = f"boss@{slug}.com"
    wanted = ("tenants", "create", "Acme Inc", "--slug", slug, *claims, "--owner-email", owner)
    made = output_of(command(*wanted, "--json", home=home))
    assert (made["name"], made["slug"], made["status"]) == ("Acme Inc", slug, "active")

    listed = output_of(command("tenants", "list", "--json", home=home))
    assert made["id"] in [tenant["id"] for tenant in listed]
    assert made["id"] in command("tenants", "list", home=home).stdout

    joined = product.join(owner, token_in(product.link_for(owner, "/signup")))
    assert joined.session["tenant"]["id"] == made["id"]

    again = command(*wanted, home=home)
    assert (again.returncode, again.stdout) == (os.EX_CANTCREAT, "")
    assert "slug" in again.stderr


def test_an_owner_whose_address_was_mistyped_is_named_again(product: World, home: Path) -> None:
    slug = f"acme-{uuid4().hex[:6]}"
    mistyped, owner = f"bos@{slug}.com", f"boss@{slug}.com"
    wanted = ("tenants", "create", "Acme Inc", "--slug", slug, "--owner-email", mistyped, "--json")
    made = output_of(command(*wanted, home=home))
    stray = token_in(product.link_for(mistyped, "/signup"))

    named = output_of(command("tenants", "invite-owner", slug, owner, "--json", home=home))
    assert (named["email"], named["role"], named["tenant_id"]) == (owner, "owner", made["id"])
    joined = product.join(owner, token_in(product.link_for(owner, "/signup")))
    assert (joined.session["user"]["role"], joined.tenant_id) == ("owner", made["id"])
    lost = {"email": mistyped, "password": PASSWORD, "name": "Stranger", "invitation_token": stray}
    assert product.anonymous.post("/api/auth/signup", json=lost).json()["code"] == "invitation_revoked"

    def has_an_owner() -> bool:
        again = command("tenants", "invite-owner", made["id"], mistyped, home=home)
        return (again.returncode, again.stdout, "has an owner" in again.stderr) == (os.EX_CANTCREAT, "", True)

    eventually(has_an_owner, "the news that the owner is in")
    nowhere = command("tenants", "invite-owner", f"no-{slug}", owner, home=home)
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert f"no-{slug}" in nowhere.stderr


def test_what_does_not_fit_is_told_field_by_field(home: Path) -> None:
    done = command("tenants", "create", "Acme", "--slug", "No Slug", home=home)
    assert done.returncode == os.EX_DATAERR
    assert "slug: " in done.stderr


def test_an_invitation_is_made_with_its_link_and_listed_without(product: World, home: Path) -> None:
    email = f"{uuid4().hex}@example.com"
    made = command("invitations", "create", email, "--role", "hr", home=home)
    assert made.returncode == 0, made.stderr
    link = made.stdout.strip().splitlines()[-1]
    assert product.join(email, token_in(link)).session["user"]["role"] == "hr"

    listed = output_of(command("invitations", "list", "--q", email, "--json", home=home))
    assert [(each["email"], each["status"]) for each in listed] == [(email, "accepted")]
    assert token_in(link) not in json.dumps(listed)


def test_somebody_else_signs_in_by_variables(product: World, home: Path, tmp_path: Path) -> None:
    customer = product.new_customer()
    account = {"SPARKNODE_EMAIL": customer.owner.email, "SPARKNODE_PASSWORD": PASSWORD}
    listed = command("invitations", "list", "--json", home=tmp_path, SPARKNODE_URL=product.base_url, **account)
    assert [each["email"] for each in output_of(listed)] == [customer.owner.email]
    refused = command("tenants", "list", home=home, **account)
    assert (refused.returncode, refused.stdout) == (os.EX_NOPERM, "")


def test_a_wrong_password_is_told(home: Path) -> None:
    wrong = {"SPARKNODE_EMAIL": f"{uuid4().hex}@company.com", "SPARKNODE_PASSWORD": "wrong"}
    done = command("tenants", "list", home=home, **wrong)
    assert done.returncode == os.EX_NOPERM
    assert "Traceback" not in done.stderr
    nobodys = command("tenants", "list", home=home, SPARKNODE_PASSWORD="wrong")
    assert (nobodys.returncode, nobodys.stdout, "SPARKNODE_EMAIL" in nobodys.stderr) == (1, "", True)


def test_the_doctor_finds_a_sound_product_sound_but_for_the_broker_that_processes_need(
    product: World, home: Path
) -> None:
    done = command("doctor", "--json", home=home, **environment_of(product.live))
    findings = json.loads(done.stdout)
    assert {finding["subject"] for finding in findings if finding["outcome"] == "ok"} == {*Process}
    failed = [(finding["subject"], finding["says"]) for finding in findings if finding["outcome"] != "ok"]
    assert [subject for subject, _ in failed] == ["broker"], failed
    assert done.returncode == 1
    assert "AMQP_URL is not set for auth, tenants, invitations" in failed[0][1]


def test_the_doctor_says_what_is_wrong(product: World, home: Path) -> None:
    wrong = {"AUTH_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/x", "JWT_SECRET_KEY": "short"}
    sick = environment_of(product.live) | wrong
    done = command("doctor", home=home, **sick)
    assert done.returncode == 1
    assert "JWT_SECRET_KEY" in done.stdout
    assert "FAILED" in done.stdout


def test_the_doctor_looks_at_one_process_alone(product: World, tmp_path: Path) -> None:
    done = command("doctor", "tenants", "--json", home=tmp_path, **environment_of(product.live))
    outcomes = {(finding["subject"], finding["outcome"]) for finding in json.loads(done.stdout)}
    assert outcomes == {("tenants", "ok"), ("broker", "failed"), ("gateway", "skipped")}


def test_the_doctor_says_where_there_is_nothing_to_examine(tmp_path: Path) -> None:
    done = command("doctor", home=tmp_path)
    assert done.returncode == 1
    assert "sparknode up" in done.stdout


def test_the_doctor_says_when_the_product_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    done = command("doctor", home=tmp_path)
    assert done.returncode == 1
    assert "not ready" in done.stdout


def test_migrating_again_changes_nothing(product: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = command("migrate", home=tmp_path, **environment_of(product.live))
    said_by_the_services = capfd.readouterr().err
    assert (done.returncode, said_by_the_services.count("migrated")) == (0, 3)


def test_a_process_that_cannot_start_says_why(tmp_path: Path) -> None:
    done = sparknode("serve", "tenants", home=tmp_path)
    assert done.returncode == 1
    assert "DATABASE_URL: is not set" in done.stderr


def test_a_taken_port_is_told_by_the_name_that_it_was_chosen_by(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = sparknode("serve", "gateway", home=tmp_path, CALLER_SIGNING_KEY=SIGNING_KEY, GATEWAY_PORT=port)
    assert (done.returncode, " GATEWAY_PORT=" in done.stderr) == (1, True), done.stderr
