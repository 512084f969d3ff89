"""How long answering took: units, stamps, and what can't be a duration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses, public_message, read_responses
from tests.responses.tiny import ITEMS

Times = Callable[..., Responses]


@pytest.fixture
def read(tiny: Instrument) -> Times:
    """Read rows with these columns beside the items."""

    def read_rows(cells: Mapping[str, Any], **how: Any) -> Responses:
        n = len(next(iter(cells.values())))
        answers = pd.DataFrame({item: np.arange(n) % 3 + 1.0 for item in ITEMS})
        return read_responses(answers.assign(**cells), tiny, **({"site": None} | how))

    return read_rows


def codes(responses: Responses) -> list[str]:
    return [one.code for one in responses.findings if one.code.startswith("duration")]


def seconds(responses: Responses) -> list[float]:
    return [float(one) for one in responses.frame["duration"]]


def test_seconds_and_minutes(read: Times) -> None:
    told = read({"t": [60.0, 90.5, np.nan]}, duration="t")
    np.testing.assert_array_equal(seconds(told), [60, 90.5, np.nan])
    assert codes(told) == []
    told = read({"t": ["1", "1,5", "-"]}, duration="t", duration_unit="minutes")
    np.testing.assert_array_equal(seconds(told), [60, 90, np.nan])


def test_clocks_and_iso_durations(read: Times) -> None:
    cells = ["0:05:30", "01:00:00", "P0DT0H5M30S"]
    # hours:minutes:seconds say their unit themselves.
    assert seconds(read({"t": cells}, duration="t", duration_unit="minutes")) == [330, 3600, 330]
    assert seconds(read({"t": [timedelta(minutes=2), timedelta(minutes=3)]}, duration="t")) == [
        120, 180,
    ]  # fmt: skip


def test_start_and_end(read: Times) -> None:
    began = ["2026-03-05 14:30:00", "2026-03-05T23:59:00", "2026-03-05T10:00:00+03:00", None]
    ended = ["2026-03-05 14:31:30", "2026-03-06T00:01:00", "2026-03-05T07:02:00Z", "2026-03-05 1:0"]
    told = read({"b": began, "e": ended}, duration=("b", "e"))
    np.testing.assert_array_equal(seconds(told), [90, 120, 120, np.nan])
    stamps = pd.to_datetime(pd.Series(["2026-03-05 14:30:00", "2026-03-05 15:00:00"]))
    told = read({"b": stamps, "e": stamps + timedelta(seconds=45)}, duration=("b", "e"))
    assert seconds(told) == [45, 45]
    assert "b" not in told.frame
    assert "started" not in told.frame


def test_what_can_be_no_duration_is_told_and_unknown(read: Times) -> None:
    told = read({"t": [-5.0, 0.0, 40.0, 60.0]}, duration="t")
    np.testing.assert_array_equal(seconds(told), [np.nan, np.nan, 40, 60])
    (one,) = [one for one in told.findings if one.code == "duration_impossible"]
    assert one.severity == "error"
    assert one.params["rows"] == (1, 2)
    assert "Rows 1, 2" in one.message
    assert "1, 2" not in public_message(one)

    told = read({"t": ["soon", "40", "05:30"]}, duration="t")
    np.testing.assert_array_equal(seconds(told), [np.nan, 40, np.nan])
    assert codes(told) == ["duration_unreadable"]

    began, ended = ["2026-03-05 14:30:00"] * 3, ["2026-03-05", "05/03/2026 14:31", "14:31"]
    told = read({"b": began, "e": ended}, duration=("b", "e"))
    assert codes(told) == ["duration_unreadable"]
    assert told.frame["duration"].isna().all()

    mixed = ["2026-03-05 14:31:00", "2026-03-05 14:31:00+01:00", "2026-03-05 14:29:00"]
    told = read({"b": began, "e": mixed}, duration=("b", "e"))
    np.testing.assert_array_equal(seconds(told), [60, np.nan, np.nan])
    assert codes(told) == ["duration_zones_mixed", "duration_impossible"]


def test_absurd_durations_are_kept_and_told(read: Times) -> None:
    told = read({"t": [60.0, 70.0, 90_000.0]}, duration="t")
    assert codes(told) == ["duration_over_a_day"]
    assert seconds(told)[2] == 90_000
    # Milliseconds taken for seconds.
    told = read({"t": [60_000.0, 70_000.0, 80_000.0]}, duration="t")
    assert codes(told) == ["duration_unit_doubtful"]
    # Minutes taken for seconds.
    assert codes(read({"t": [0.5, 0.6]}, duration="t")) == ["duration_unit_doubtful"]


def test_no_column_is_taken_by_its_name_and_missing_ones_are_told(read: Times) -> None:
    told = read({"duration": [3.0, 4.0], "started": ["x", "y"]})
    assert "duration" not in told.frame
    assert codes(told) == []
    told = read({"t": [60.0, 70.0]}, columns={"started": "t"})
    assert codes(told) == ["duration_half_known"]
    assert "duration" not in told.frame
    told = read({"t": [60.0, 70.0]}, duration="nowhere")
    assert any(one.code == "missing_column" for one in told.findings)
    assert "duration" not in told.frame
    with pytest.raises(DataError, match="duration_unit"):
        read({"t": [60.0]}, duration="t", duration_unit="hours")
    with pytest.raises(DataError, match="of start and end"):
        read({"t": [60.0]}, duration=("t", "t", "t"))


def test_they_are_written_and_read_again(read: Times, tiny: Instrument, tmp_path: Path) -> None:
    first = read({"t": [60.25, np.nan, 80.0]}, duration="t")
    again = read_responses(first.to_csv(tmp_path / "a.csv"), tiny, site=None, duration="duration")
    pd.testing.assert_series_equal(again.frame["duration"], first.frame["duration"])
    assert "duration" in first._repr_html_()


def test_nobody_has_a_duration(read: Times) -> None:
    told = read({"t": [None, None]}, duration="t")
    assert told.frame["duration"].isna().all()
    assert codes(told) == []
