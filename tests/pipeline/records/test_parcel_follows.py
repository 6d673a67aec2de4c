"""What is said of an order with one parcel is said of the parcel, unless it is only said again."""

from __future__ import annotations

from automations.pipeline.records.parcels import follow

ORDER = {"tracking_number": "A-1", "parcels": [{"carrier": "Royal Mail", "tracking_number": ""}]}


def test_a_number_that_is_said_again_changes_no_parcel() -> None:
    assert follow(ORDER, {"tracking_number": "A-1"}, []) == {"tracking_number": "A-1"}


def test_a_new_number_is_that_of_the_one_parcel() -> None:
    said = follow(ORDER, {"tracking_number": "A-2"}, [])
    assert said["parcels"] == [{"carrier": "Royal Mail", "tracking_number": "A-2"}]


def test_of_several_parcels_none_is_meant() -> None:
    two = ORDER | {"parcels": [*ORDER["parcels"], {"carrier": "DPD", "tracking_number": "B-1"}]}
    assert follow(two, {"tracking_number": "A-2"}, []) == {"tracking_number": "A-2"}
