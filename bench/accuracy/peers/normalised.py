"""The omnichannel rows as a careful user of any peer would prepare them, in SQL on DuckDB.

Folded to lower case without accents; display names parted; a phone is its last nine digits, a card its
digits, a handle its letters and digits; mailboxes without a tag; values that stand for nothing are null.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

OMNI_ROWS = """
    with folded as (
        select record_id::bigint as unique_id,
            nullif(trim(regexp_replace(lower(strip_accents(given_name)), '[^a-z ]', ' ', 'g')), '') as given,
            nullif(trim(regexp_replace(lower(strip_accents(surname)), '[^a-z ]', ' ', 'g')), '') as family,
            nullif(trim(regexp_replace(lower(strip_accents(full_name)), '[^a-z ,]', ' ', 'g')), '') as whole,
            lower(trim(email)) as email,
            regexp_replace(phone, '[^0-9]', '', 'g') as digits,
            nullif(regexp_replace(lower(strip_accents(handle)), '[^a-z0-9]', '', 'g'), '') as handle,
            right(nullif(regexp_replace(loyalty_id, '[^0-9]', '', 'g'), ''), 9) as loyalty,
            cast(try_cast(nullif(birth_date, '') as date) as varchar) as dob,
            nullif(regexp_replace(lower(strip_accents(street)), '[^a-z0-9]', '', 'g'), '') as street,
            nullif(regexp_replace(upper(postcode), '[^A-Z0-9]', '', 'g'), '') as postcode,
            nullif(regexp_replace(lower(strip_accents(city)), '[^a-z]', '', 'g'), '') as city,
            nullif(upper(trim(country)), '') as country
        from raw
    ), parted as (
        select *,
            regexp_replace(split_part(email, '@', 1), '[+].*$', '') as mailbox,
            case when whole like '%,%' then trim(split_part(whole, ',', 2))
                else split_part(whole, ' ', 1) end as first_of_whole,
            case when whole like '%,%' then trim(split_part(whole, ',', 1))
                else trim(substr(whole, length(split_part(whole, ' ', 1)) + 1)) end as rest_of_whole
        from folded
    ), clean as (
        select unique_id, handle, loyalty, dob, street, postcode, city, country,
            coalesce(given, nullif(first_of_whole, '')) as first_name,
            nullif(replace(coalesce(family, rest_of_whole), ' ', ''), '') as surname,
            case when email like '_%@_%._%' and mailbox not in {generic} then
                mailbox || '@' || split_part(email, '@', 2) end as email,
            case when email like '_%@_%._%' and mailbox not in {generic} then
                nullif(regexp_replace(mailbox, '[^a-z0-9]', '', 'g'), '') end as mailbox,
            case when length(digits) >= 8 and length(replace(digits, right(digits, 1), '')) > 2
                and digits not like '%123456789%' then right(digits, 9) end as phone
        from parted
    )
    select *, first_name || ' ' || surname as full_name from clean
"""
GENERIC = (
    "('noreply','no-reply','donotreply','info','test','none','na','unknown','nomail','noemail','contact',"
    "'sales','office','admin','mail','service','support','klant','kunde','cliente','customer','abc','x')"
)


def omni_rows() -> str:
    """The query over a table `raw` that makes the prepared rows, with `unique_id`."""
    return OMNI_ROWS.replace("{generic}", GENERIC)


def raw(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the blind rows as the table `raw`, all of them text."""
    connection = duckdb.connect()
    connection.execute("create table raw as select * from read_csv(?, all_varchar=true)", [str(path)])
    return connection
