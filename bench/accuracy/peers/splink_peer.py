"""Splink on DuckDB, set up for each set as its own examples do, and by hand where there is none.

Examples followed: `febrl3`, `deduplicate_50k_synthetic` and `accuracy_analysis_from_labels_column` of its
documentation. Where an example's blocking would cap its recall on a small set, more blocking is given. The
omnichannel sets get what a careful user writes: values normalised in SQL, unusable ones made null, names
parted, term frequencies, and EM under several rules. Names are compared `together` or `apart`, for neither is
better everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.accuracy.peers.answer import Answer, Told, answer, told, write
from bench.accuracy.peers.normalised import omni_rows, raw

USUAL = 0.95
"""The match probability at which its examples cluster."""
FLOOR = -12.0
"""Pairs of a lesser match weight, in bits, are not kept: no threshold that serves is so low."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Setup:
    """How one set is linked: its rows in SQL over `raw`, with `unique_id`, and the linker's settings."""

    rows: str
    comparisons: Sequence[Any]
    blocking: Sequence[Any]
    certain: Sequence[Any]
    """Rules that hold for matches alone, from which the prior is estimated."""
    recall: float
    """What share of all matches those rules are said to find."""
    sessions: Sequence[Any]
    """Blocking rules under which m is estimated by EM."""
    pairs: float = 1e7
    """Random pairs from which u is estimated."""


def names(first_name: str, *, together: bool) -> list[Any]:
    """Its own comparisons of names: one of both parts, or one of each."""
    if together:
        return [
            cl.ForenameSurnameComparison(first_name, "surname", forename_surname_concat_col_name="full_name")
        ]
    return [cl.NameComparison(first_name), cl.NameComparison("surname")]


def fake(_: int, *, together: bool) -> Setup:
    """As `accuracy_analysis_from_labels_column`; every pair compared, for a thousand rows allow it."""
    return Setup(
        rows="""
            select unique_id::bigint as unique_id, nullif(first_name, '') as first_name,
                nullif(surname, '') as surname, try_cast(nullif(dob, '') as date) as dob,
                nullif(city, '') as city, nullif(email, '') as email,
                first_name || ' ' || surname as full_name
            from raw
        """,
        comparisons=[
            *names("first_name", together=together),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking=["1=1"],
        certain=[
            "l.first_name = r.first_name and levenshtein(r.dob::varchar, l.dob::varchar) <= 1",
            "l.surname = r.surname and levenshtein(r.dob::varchar, l.dob::varchar) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ],
        recall=0.7,
        sessions=[block_on("dob"), block_on("email"), block_on("first_name", "surname")],
        pairs=1e6,
    )


def febrl(_: int, *, together: bool) -> Setup:
    """As `febrl3`, with the rest of the address, and blocking that loses no pair."""
    return Setup(
        rows="""
            select rec_id::bigint as unique_id, nullif(trim(given_name), '') as given_name,
                nullif(trim(surname), '') as surname, nullif(trim(street_number), '') as street_number,
                nullif(trim(postcode), '') as postcode, nullif(trim(date_of_birth), '') as date_of_birth,
                nullif(trim(soc_sec_id), '') as soc_sec_id, nullif(trim(suburb), '') as suburb,
                nullif(trim(address_1), '') as address_1, nullif(trim(state), '') as state,
                trim(given_name) || ' ' || trim(surname) as full_name
            from raw
        """,
        comparisons=[
            *names("given_name", together=together),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9]),
            cl.JaroWinklerAtThresholds("suburb", [0.9]),
            cl.ExactMatch("state"),
        ],
        blocking=[
            *(
                block_on(column)
                for column in (
                    "soc_sec_id",
                    "given_name",
                    "surname",
                    "date_of_birth",
                    "postcode",
                    "address_1",
                    "substr(soc_sec_id,1,4)",
                    "substr(soc_sec_id,4,4)",
                )
            ),
            block_on("suburb", "state"),
        ],
        certain=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname", "date_of_birth"),
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
        sessions=[block_on("date_of_birth"), block_on("postcode")],
        pairs=1e6,
    )


def historical(_: int, *, together: bool) -> Setup:
    """As `deduplicate_50k_synthetic`, with more blocked, which is better by .03 F1."""
    return Setup(
        rows="""
            select unique_id::bigint as unique_id, nullif(first_name, '') as first_name,
                nullif(surname, '') as surname,
                nullif(dob, '') as dob, nullif(postcode, '') as postcode_fake,
                nullif(birth_place, '') as birth_place, nullif(occupation, '') as occupation,
                first_name || ' ' || surname as full_name
            from raw
        """,
        comparisons=[
            *names("first_name", together=together),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
            block_on("first_name", "birth_place", "substr(dob,1,3)"),
            block_on("surname", "substr(dob,1,4)"),
            block_on("first_name", "surname"),
            block_on("surname", "birth_place"),
            block_on("postcode_fake"),
        ],
        certain=[
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
        sessions=[block_on("first_name", "surname"), block_on("dob")],
    )


def omni(size: int, *, together: bool) -> Setup:
    """By hand: normalised, with a level for each way in which values of a kind come near each other."""
    swapped = "first_name_l = surname_r and surname_l = first_name_r"
    first_name = cl.CustomComparison(
        output_column_name="first_name",
        comparison_levels=[
            cll.NullLevel("first_name"),
            cll.ExactMatchLevel("first_name", term_frequency_adjustments=True),
            cll.CustomLevel(swapped),
            cll.CustomLevel("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.9"),
            cll.CustomLevel(
                "(length(first_name_l) = 1 or length(first_name_r) = 1) and first_name_l[1] = first_name_r[1]"
            ),
            cll.CustomLevel("starts_with(first_name_l, first_name_r[1:3])"),
            cll.ElseLevel(),
        ],
    )
    surname = cl.CustomComparison(
        output_column_name="surname",
        comparison_levels=[
            cll.NullLevel("surname"),
            cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
            cll.CustomLevel(swapped),
            cll.CustomLevel("jaro_winkler_similarity(surname_l, surname_r) >= 0.9"),
            cll.ElseLevel(),
        ],
    )
    email = cl.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            cll.NullLevel("email"),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.CustomLevel("mailbox_l = mailbox_r and length(mailbox_l) >= 6"),
            cll.CustomLevel("damerau_levenshtein(email_l, email_r) <= 2"),
            cll.CustomLevel("jaro_winkler_similarity(mailbox_l, mailbox_r) >= 0.93"),
            cll.ElseLevel(),
        ],
    )
    handle = cl.CustomComparison(
        output_column_name="handle",
        comparison_levels=[
            cll.NullLevel("handle"),
            cll.ExactMatchLevel("handle", term_frequency_adjustments=True),
            cll.CustomLevel("damerau_levenshtein(handle_l, handle_r) <= 1"),
            cll.CustomLevel("jaro_winkler_similarity(handle_l, handle_r) >= 0.92"),
            cll.ElseLevel(),
        ],
    )
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.CustomLevel("postcode_l is null or postcode_r is null").configure(is_null_level=True),
            cll.CustomLevel("postcode_l = postcode_r and street_l = street_r"),
            cll.CustomLevel("street_l = street_r"),
            cll.CustomLevel("postcode_l = postcode_r"),
            cll.CustomLevel("damerau_levenshtein(postcode_l, postcode_r) <= 1"),
            cll.CustomLevel("city_l = city_r"),
            cll.ElseLevel(),
        ],
    )
    blocking = [
        block_on("email"),
        block_on("phone"),
        block_on("loyalty"),
        block_on("handle"),
        block_on("mailbox", "substr(first_name,1,1)"),
        block_on("first_name", "surname", "postcode"),
        block_on("first_name", "surname", "city"),
        block_on("surname", "dob"),
        block_on("first_name", "dob"),
        block_on("postcode", "street"),
        block_on("surname", "postcode"),
        block_on("substr(phone,1,7)", "substr(surname,1,3)"),
        block_on("substr(phone,3,7)", "substr(surname,1,3)"),
    ]
    if size <= 200_000:  # beyond that it brings more strangers than customers
        blocking.append(block_on("first_name", "surname"))
    return Setup(
        rows=omni_rows(),
        comparisons=[
            *(names("first_name", together=True) if together else (first_name, surname)),
            email,
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
            handle,
            cl.DamerauLevenshteinAtThresholds("loyalty", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("dob", [1, 2]),
            address,
            cl.ExactMatch("country"),
        ],
        blocking=blocking,
        certain=[block_on("email"), block_on("phone"), block_on("loyalty"), block_on("handle")],
        recall=0.7,
        sessions=[
            block_on("loyalty"),
            block_on("email", "first_name"),
            block_on("phone", "first_name"),
            block_on("first_name", "surname"),
        ],
        pairs=2e6,
    )


SETUPS: dict[str, Callable[..., Setup]] = {
    "fake_1000": fake,
    "febrl1": febrl,
    "febrl2": febrl,
    "febrl3": febrl,
    "historical_50k": historical,
}


def link(asked: Told) -> Answer:
    """Link the rows: prior, u and m estimated without labels, then predicted and clustered."""
    connection = raw(asked.rows)
    (size,) = connection.execute("select count(*) from raw").fetchone() or (0,)
    setup = SETUPS.get(asked.set, omni)(size, together=asked.variant == "together")
    connection.execute(f"create table people as {setup.rows}")
    api = DuckDBAPI(connection=connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(setup.comparisons),
        blocking_rules_to_generate_predictions=list(setup.blocking),
    )
    linker = Linker(api.register(connection.table("people")), settings)
    linker.training.estimate_probability_two_random_records_match(list(setup.certain), recall=setup.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=setup.pairs, seed=SEED)
    for session in setup.sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(
            session, estimate_without_term_frequencies=True
        )
    predicted = linker.inference.predict(threshold_match_weight=FLOOR)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=USUAL
    )
    pairs = connection.execute(
        f"select unique_id_l, unique_id_r, match_weight from {predicted.physical_name}"
    ).fetchnumpy()
    customer = connection.execute(
        f"select cluster_id from {clusters.physical_name} order by unique_id"
    ).fetchnumpy()["cluster_id"]
    usual = float(np.log2(USUAL / (1 - USUAL)))
    return answer(
        (pairs["unique_id_l"], pairs["unique_id_r"], pairs["match_weight"]), usual, {usual: customer}
    )


if __name__ == "__main__":
    asked = told()
    write(asked.out, link(asked))
