"""The commands that act on a running server: tables, JSON, exit codes."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import progress, tables
from emulator.cli.command import run as command
from emulator.cli.names import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = itertools.count(1)
Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def key() -> str:
    return f"sk_test_cli{next(NUMBERS)}"


@pytest.fixture
def cli(live_server: Any, key: str, capsys: Any) -> Cli:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = command([*arguments, "--url", live_server.url, "--key", key])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def api(live_server: Any, key: str) -> Iterator[Callable[..., Any]]:
    from emulator.testing.wire import Wire

    wire = Wire(live_server.url, key)
    yield wire.api
    wire.close()


def rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.strip().splitlines()]


def test_the_clock(cli: Cli) -> None:
    code, out, _ = cli("clock", "freeze", "2027-01-31")
    assert (code, out) == (0, "2027-01-31 00:00:00  1801353600  frozen\nnothing is due\n")
    assert cli("clock", "advance", "1mo")[1].startswith("2027-02-28 00:00:00")
    assert cli("clock", "to", "1804000000")[1].split()[2] == "1804000000"
    assert json.loads(cli("clock", "--json")[1]) == {"now": 1804000000, "mode": "frozen", "next": []}
    assert cli("clock", "real")[1].split()[3] == "real"
    for wrong, words in (
        (("advance", "soon"), "not a duration: 'soon'"),
        (("to", "someday"), "not an instant: 'someday'"),
    ):
        code, out, err = cli("clock", *wrong)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert words in err


def test_what_is_due_is_shown(cli: Cli, api: Any) -> None:
    cli("worlds", "make", "sk_test_due", "--from", "trial_ending")
    code, out, _ = cli("clock", "--json")
    assert code == 0
    api("POST", "/v1/test_helpers/test_clocks", {"frozen_time": json.loads(out)["now"]})
    heading, first = rows(cli("clock")[1])[1:3]
    assert heading == ["next", "what", "object"]
    assert first[-1].startswith("clock_")


def test_worlds(cli: Cli, key: str, tmp_path: Path) -> None:
    assert cli("worlds", "make", key, "--from", "saas")[1].startswith(f"made {key} with ")
    assert cli("worlds", "fork", key, f"{key}copy")[1] == f"copied {key} to {key}copy\n"
    listed = [row[0] for row in rows(cli("worlds")[1])]
    assert {key, f"{key}copy"} <= set(listed)
    snapshot = cli("worlds", "snapshot", key)[1].strip()
    assert cli("worlds", "restore", key, snapshot)[0] == 0
    assert cli("worlds", "restore", key, "snap_x")[0] == 2
    document = json.loads(cli("worlds", "export", key)[1])
    assert document["customer"]
    (tmp_path / "world.json").write_text(json.dumps(document))
    assert cli("worlds", "make", f"{key}file", "--from", str(tmp_path / "world.json"))[0] == 0
    assert cli("worlds", "reset", key)[1] == f"reset {key}\n"
    assert cli("worlds", "drop", f"{key}copy")[1] == f"dropped {key}copy\n"
    assert f"{key}copy" not in cli("worlds", "list")[1]
    assert "email" in str(json.loads(cli("worlds", "schema")[1])["properties"]["customer"])
    code, _, err = cli("worlds", "make", key, "--from", "nowhere")
    assert (code, "no world is called 'nowhere'" in err) == (2, True)


def test_events(cli: Cli, api: Any) -> None:
    assert cli("events")[1] == "nothing has happened\n"
    one = api("POST", "/v1/customers")
    api("POST", "/v1/products", {"name": "Cup"})
    table = rows(cli("events", "--type", "customer.*")[1])
    assert table[0] == ["time", "event", "type", "object"]
    assert [row[3:] for row in table[1:]] == [["customer.created", one["id"]]]
    assert [row["type"] for row in json.loads(cli("events", "list", "--json")[1])["data"]] == [
        "customer.created",
        "product.created",
    ]
    code, out, err = cli("events", "--limit", "1")
    assert (code, len(rows(out)), err) == (0, 2, "there are more: --limit shows them\n")
    assert cli("events", "wait", "product.created")[1].split()[3] == "product.created"
    code, out, err = cli("events", "wait", "invoice.*", "--timeout", "0.05")
    assert (code, out) == (1, "")
    assert err == "no event came within 0.05 s: type=invoice.*\n"
    assert cli("events", "resend", table[1][2])[1] == "no endpoint wants it\n"
    assert cli("events", "resend", "evt_x")[0] == 2


def test_events_are_followed(live_server: Any, api: Any, key: str) -> None:
    api("POST", "/v1/customers", {"name": "before"})
    arguments = ["events", "tail", "--count", "2", "--json", "--url", live_server.url, "--key", key]
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        made = []
        stop = threading.Event()

        def act() -> None:
            while not stop.is_set():
                made.append(api("POST", "/v1/products", {"name": "x"})["id"])
                time.sleep(0.2)

        acting = threading.Thread(target=act)
        acting.start()
        assert process.stdout is not None
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
        stop.set()
        acting.join()
        assert process.wait(10) == 0
    assert [event["type"] for event in seen] == ["product.created"] * 2
    first = made.index(seen[0]["data"]["object"]["id"])
    assert seen[1]["data"]["object"]["id"] == made[first + 1]  # nothing is left out


def test_deliveries(cli: Cli, api: Any) -> None:
    assert cli("deliveries")[1] == "nothing was delivered\n"
    api("POST", "/v1/webhook_endpoints", {"url": "record://a", "enabled_events": ["*"]})
    api("POST", "/v1/customers", {"name": "Ada"})
    row = rows(cli("deliveries")[1])[1]
    assert row[3:6] == ["customer.created", "1", "recorded"]
    shown = cli("deliveries", "show", row[2])[1]
    assert "  Stripe-Signature: t=" in shown
    assert '"name": "Ada"' in shown
    assert shown.splitlines()[-1] == "response: none" or "response: none" in shown
    assert cli("deliveries", "show", "dlv_x")[0] == 2
    assert cli("deliveries", "wait", "customer.*", "--status", "recorded")[0] == 0
    assert cli("deliveries", "wait", "--count", "9", "--timeout", "0.05")[0] == 1
    assert rows(cli("deliveries", "replay", row[2])[1])[1][4] == "2"
    assert cli("deliveries", "clear")[0] == 0
    assert cli("deliveries")[1] == "nothing was delivered\n"
    api("POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9", "enabled_events": ["product.created"]})
    api("POST", "/v1/products", {"name": "x"})
    found = json.loads(cli("deliveries", "wait", "product.created", "--status", "failed", "--json")[1])["data"]
    assert cli("deliveries", "replay", found[0]["id"])[0] == 1


def test_requests(cli: Cli, api: Any) -> None:
    from emulator.testing.wire import RefusedError

    api("POST", "/v1/customers", {"name": "Ada"})
    with pytest.raises(RefusedError):
        api("GET", "/v1/customers/cus_x")
    table = rows(cli("requests", "--path", "/v1/customers*")[1])
    assert [row[3] for row in table[1:]] == ["200", "404"]
    assert table[2][-1] == "resource_missing"
    shown = cli("requests", "show", table[1][2])[1]
    assert "\nparams\n" in shown
    assert '"object": "customer"' in shown
    assert cli("requests", "show", "req_x")[0] == 2
    assert cli("requests", "clear")[0] == 0
    assert cli("requests")[1] == "nothing was called\n"


def test_faults(cli: Cli, api: Any) -> None:
    from emulator.testing.wire import RefusedError

    assert cli("faults")[1] == "nothing is to go wrong\n"
    added = cli("faults", "add", "rate_limited", "--times", "1", "--path", "/v1/customers")[1].strip()
    with pytest.raises(RefusedError):
        api("GET", "/v1/customers")
    assert rows(cli("faults")[1])[1] == [added, "1", "1", "0", "error=rate_limit", "path=/v1/customers"]
    assert cli("faults", "remove", added)[0] == 0
    rule = json.loads(
        cli("faults", "add", "--error", "card_declined:lost_card", "--probability", "0.5", "--seed", "7", "--json")[1]
    )
    assert (rule["match"], rule["seed"]) == ({"probability": 0.5}, "7")
    rule = json.loads(cli("faults", "add", "--webhook", "delay", "--latency", "5m", "--nth", "2", "--json")[1])
    assert (rule["match"], rule["action"], rule["times"]) == ({"nth": 2}, {"webhook": "delay", "latency": "5m"}, 1)
    assert "webhook_lost" in cli("faults", "presets")[1]
    assert cli("faults", "clear")[0] == 0
    code, _, err = cli("faults", "add", "nothing")
    assert (code, "preset must be one of" in err) == (2, True)


def test_acts(cli: Cli, api: Any) -> None:
    assert "open_dispute" in cli("acts")[1]
    params = {
        "amount": 900,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "return_url": "https://x.test",
    }
    intent = api("POST", "/v1/payment_intents", params)
    dispute = cli("acts", "open_dispute", intent["id"], "reason=duplicate")[1].split()
    assert dispute[1] == "needs_response"
    assert json.loads(cli("acts", "close_dispute", dispute[0], "outcome=won", "--json")[1])["status"] == "won"
    for wrong in (("open_dispute",), ("open_dispute", "ch_x"), ("open_dispute", "ch_x", "reason"), ("fly", "x")):
        assert cli("acts", *wrong)[0] == 2


def test_expect(cli: Cli, api: Any) -> None:
    api("POST", "/v1/customers")
    assert cli("expect", "--contains", "customer.created")[:2] == (0, "as expected: 1 came\n")
    code, out, _ = cli("expect", "--exactly", "customer.created", "invoice.paid", "--within", "0.05")
    assert code == 1
    assert "  - invoice.paid" in out
    assert cli("expect", "--none-of", "customer.*", "--json")[0] == 1
    code, _, err = cli("expect")
    assert (code, "exactly is missing (one of exactly, contains, any_order, none_of)" in err) == (2, True)


def test_portal(cli: Cli, key: str) -> None:
    cli("worlds", "make", key, "--from", "saas")
    link = cli("portal", "cus_demo", "--return-url", "https://shop.test")[1].strip()
    assert "/p/session/test_" in link
    flow = ("--flow", "subscription_cancel", "--subscription", "sub_demo")
    assert json.loads(cli("portal", "cus_demo", *flow, "--json")[1])["flow"]["type"] == "subscription_cancel"
    code, _, err = cli("portal", "cus_x")
    assert (code, "No such customer: 'cus_x'" in err) == (2, True)


def test_a_server_that_is_not_there(capsys: Any) -> None:
    assert command(["events", "--url", "http://127.0.0.1:1"]) == 2
    assert "nothing answers at http://127.0.0.1:1" in capsys.readouterr().err
    assert command(["events", "--url", "localhost:12111"]) == 2
    assert "an address begins with http:// or https://: 'localhost:12111'" in capsys.readouterr().err


def test_worlds_of_files_and_fixtures(cli: Cli, key: str, tmp_path: Path) -> None:
    cli("worlds", "make", key, "--from", "past_due")
    assert [key, "past_due"] in [row[:2] for row in rows(cli("worlds", "list")[1])]
    (file := tmp_path / "ada.json").write_text('{"customer": {"1": {"id": "cus_ada", "emial": "ada@example.com"}}}')
    for arguments in (("load-world", str(file)), ("worlds", "make", key, "--from", str(file))):
        code, _, err = cli(*arguments)
        assert (code, f"{file}: customer.1: there is no 'emial'; did you mean 'email'?" in err) == (2, True)


@pytest.mark.parametrize(
    "arguments", [["clock", "fly"], ["events", "list", "--colour", "x"], ["faults", "remove"], ["portal"]]
)
def test_what_is_wrong_is_one_line(arguments: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        command(arguments)
    assert left.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_help_names_every_command(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        command(["--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)
    for name in COMMANDS:
        with pytest.raises(SystemExit) as left:
            command([name, "--help"])
        assert left.value.code == 0
        assert capsys.readouterr().out.startswith("usage: stripe-emulator")


def test_bash_completes_commands_actions_and_options(tmp_path: Path, capsys: Any) -> None:
    assert command(["completion", "bash"]) == 0
    script = tmp_path / "completion.bash"
    script.write_text(capsys.readouterr().out)

    def offered(*words: str) -> set[str]:
        line = " ".join(f"'{word}'" for word in ("stripe-emulator", *words))
        test = (
            f'source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _stripe_emulator; echo "${{COMPREPLY[@]}}"'
        )
        done = subprocess.run(["bash", "-c", test], capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    assert offered("cl") == {"clock"}
    assert {"serve", "events", "check-spec"} <= offered("")
    assert offered("events", "t") == {"tail"}
    assert "--world" in offered("serve", "--")
    assert "--preset" not in offered("faults", "--")
    assert {"--probability", "--json"} <= offered("faults", "--")
    for shell in ("zsh", "fish"):
        assert command(["completion", shell]) == 0
        assert "deliveries" in capsys.readouterr().out


def test_a_bar_for_what_takes_longer(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setattr(progress, "PACE", 0.02)

    def work() -> str:
        time.sleep(0.2)
        return "done"

    assert progress.followed(work, 0, 86_400, lambda: 43_200, shown=True) == "done"
    assert "[###############...............]  50%  1970-01-01 12:00:00" in capsys.readouterr().err
    assert progress.followed(work, 0, 1, lambda: 1 // 0, shown=False) == "done"
    assert capsys.readouterr().err == ""
    with pytest.raises(ZeroDivisionError):
        progress.followed(lambda: 1 // 0, 0, 1, lambda: 0, shown=False)


def test_cells() -> None:
    assert [tables.text(one) for one in (None, True, {"a": 1}, "a\nb", 5)] == ["-", "yes", '{"a":1}', "a b", "5"]
    assert tables.lines([["a", "b"], ["ccc", "d"]], ["x", "y"]) == ["x    y", "a    b", "ccc  d"]


@pytest.fixture
def letter(live_server: Any, cli: Cli, key: str, api: Any) -> Callable[[str], None]:
    """Have a login code sent to an address."""
    from emulator.testing.visitor import Visitor

    cli("worlds", "make", key, "--from", "saas")
    params = {"features": {"invoice_history": {"enabled": True}}, "login_page": {"enabled": True}}
    url = api("POST", "/v1/billing_portal/configurations", params)["login_page"]["url"]

    def send(address: str) -> None:
        api("POST", "/v1/customers", {"email": address})
        visitor = Visitor(live_server.url)
        form = next(one for one in visitor.get(url).forms if "email" in one.names())
        visitor.submit(form, fields={"email": address})
        visitor.close()

    return send


def test_mail(cli: Cli, key: str, letter: Callable[[str], None]) -> None:
    assert cli("mail")[:2] == (0, "no mail was sent\n")
    code, out, err = cli("mail", "show")
    assert (code, out, "no mail was sent" in err) == (2, "", True)
    letter("ada@example.com")
    letter("grace@example.com")
    mails = json.loads(cli("mail", "list", "--json")[1])["data"]
    assert [mail["to"] for mail in mails] == ["grace@example.com", "ada@example.com"]
    grace, ada = mails
    heading, first = rows(cli("mail", "--to", "ada@example.com")[1])
    assert heading == ["time", "mail", "to", "code", "subject"]
    assert first[2:5] == [ada["id"], "ada@example.com", ada["code"]]
    code, out, err = cli("mail", "--limit", "1")
    assert (len(rows(out)), err) == (2, "there are more: --limit shows them\n")
    assert ada["code"] in cli("mail", "show", ada["id"])[1]
    assert f"subject: {grace['subject']}" in cli("mail", "show")[1]
    assert cli("mail", "show", "--to", "ada@example.com", "--code")[1] == f"{ada['code']}\n"
    assert cli("mail", "show", "--html")[1].startswith("<!doctype html>")
    assert cli("mail", "show", "mail_x")[0] == 2
    assert cli("mail", "clear", "--to", "ada@example.com")[1] == f"cleared the mail to ada@example.com of {key}\n"
    assert cli("mail", "show", "--to", "ada@example.com")[0] == 2
    assert cli("mail", "clear")[1] == f"cleared the mail of {key}\n"


def test_mail_is_awaited(cli: Cli, letter: Callable[[str], None]) -> None:
    code, out, err = cli("mail", "wait", "--to", "ada@example.com", "--timeout", "0.05")
    assert (code, out, err.splitlines()[-1].endswith("no mail came within 0.05 s: to=ada@example.com")) == (1, "", True)
    soon = threading.Timer(0.3, letter, ["ada@example.com"])
    soon.start()
    code, out, _ = cli("mail", "wait", "--to", "ada@example.com", "--json")
    assert (code, json.loads(out)["to"]) == (0, "ada@example.com")
    soon.join()
    first = json.loads(out)
    assert cli("mail", "wait", "--since", first["id"], "--timeout", "0.05")[0] == 1
    letter("grace@example.com")
    letter("alan@example.com")
    assert json.loads(cli("mail", "wait", "--since", first["id"], "--json")[1])["to"] == "grace@example.com"
    newest = json.loads(cli("mail", "wait", "--json")[1])
    assert newest["to"] == "alan@example.com"
    assert cli("mail", "wait", "--code")[1] == f"{newest['code']}\n"
    assert cli("mail", "wait", "--since", "mail_x")[0] == 2


def test_the_latest_events_are_all_that_was_asked_for(cli: Cli, api: Any) -> None:
    for number in range(3):
        api("POST", "/v1/products", {"name": str(number)})
    assert "refused: last must be a number from 1 to 10000" in cli("events", "--last", "0")[2]
    for count in ("1", "2", "3", "9"):
        code, out, err = cli("events", "list", "--last", count)
        assert (code, len(rows(out)) - 1, err) == (0, min(int(count), 3), "")
    first = json.loads(cli("events", "--limit", "1", "--json")[1])["data"][0]["id"]
    latest = json.loads(cli("events", "--last", "1", "--since", first, "--json")[1])
    assert (latest["data"][0]["data"]["object"]["name"], latest["has_more"]) == ("2", True)
    assert len(json.loads(cli("events", "--last", "9", "--since", first, "--json")[1])["data"]) == 2
