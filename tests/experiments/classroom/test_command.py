"""``stalemate classroom``: where it listens, and what it says of a port that is taken."""

import re

import pytest

from experiments.classroom.command import PORT, PortInUseError, bind, is_loopback, listen, tell
from experiments.classroom.guards import Door, Rate, new_code
from experiments.cli import main
from sim.parameter_errors import StalemateError


@pytest.fixture
def taken():
    with bind("127.0.0.1", 0) as held:
        yield held.getsockname()[1]


def test_a_port_that_is_asked_for_and_taken_is_refused_with_the_next_free_one(taken):
    with pytest.raises(PortInUseError, match=f"{taken} is in use") as caught:
        listen("127.0.0.1", taken)
    free = int(re.search(r"--port (\d+)", str(caught.value))[1])
    assert free > taken
    listen("127.0.0.1", free).close()


def test_without_a_wish_the_next_free_port_is_taken_and_said(taken, monkeypatch, capsys):
    monkeypatch.setattr("experiments.classroom.command.PORT", taken)
    with listen("127.0.0.1", None) as got:
        assert got.getsockname()[1] > taken
    assert f"port {taken} is in use" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(StalemateError, match="--host"):
        listen(host, PORT)


@pytest.mark.parametrize("port", ["0", "70000", "x"])
def test_a_port_out_of_range_is_refused_in_one_line(port, capsys):
    assert main(["classroom", "--port", port]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_only_loopback_needs_no_code():
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    assert not is_loopback("0.0.0.0") and not is_loopback("192.168.1.5")


def test_on_the_network_it_prints_an_address_and_the_code(capsys):
    tell(8765, "192.0.2.7", "ABC234")
    said = capsys.readouterr().out
    assert "http://192.0.2.7:8765/" in said and "ABC234" in said and "Nothing about students is kept" in said
    tell(8765, "127.0.0.1", None)
    assert "http://127.0.0.1:8765/" in capsys.readouterr().out


def test_codes_can_be_read_out_and_differ():
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50 and all(re.fullmatch(r"[A-HJ-NP-Z2-9]{6}", code) for code in codes)


def test_a_rate_counts_each_client_apart():
    now = [0.0]
    rate = Rate(2, 1.0, lambda: now[0])
    assert [rate.allows(c) for c in "aaab"] == [True, True, False, True]
    now[0] = 1.1
    assert rate.allows("a")


def test_a_door_without_a_code_lets_nobody_join_since_nobody_needs_to():
    assert Door(None).join("") is None and Door(None).knows({"type": "http", "headers": []})


def test_a_bound_socket_is_closed_when_binding_fails(taken):
    with pytest.raises(OSError):
        bind("127.0.0.1", taken)
