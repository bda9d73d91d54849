"""Which column of a file is which field: guessed from the header, or told in a map file.

Pure: header in, mapping out. Column names are compared without regard to case, accents, blanks,
hyphens and underscores, so `E-Mail`, `e_mail` and `EMAIL` are one word.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from anyascii import anyascii

from resolver import limits
from resolver.normalise.attribute import name as attribute_name
from resolver.normalise.data import words as resource


class MappingError(ValueError):
    """The header or the map file cannot be used. One line; names columns and keys, never a value."""


class Field(NamedTuple):
    """What a column holds.

    `namespace` is an identifier's platform, programme or kind of reference, or the name of an attribute of
    the file's own. Written `handle:instagram` and `attribute:occupation` in a map file.
    """

    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.namespace}" if self.namespace else self.name


class Column(NamedTuple):
    """A column in use: its place in the header from 0, its name there, the field it fills."""

    place: int
    name: str
    field: Field


class Ignored(NamedTuple):
    """A column that is not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A header understood.

    `columns` are in the order in which they are asked: of several columns of one field the first that
    is filled speaks, except for identifiers and attributes, of which all do; parts of a name or an address
    are taken from one group of columns (see `groups`). `ignored` is in the header's order. `channel` is that
    of rows that name none.
    """

    header: tuple[str, ...]
    columns: tuple[Column, ...]
    ignored: tuple[Ignored, ...]
    channel: str = ""

    def of(self, name: str) -> tuple[Column, ...]:
        """The columns of the field `name`, in the order in which they are asked."""
        return tuple(column for column in self.columns if column.field.name == name)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The columns that are ignored since nothing says what they hold, in the header's order."""
        return tuple(column.name for column in self.ignored if column.reason == _UNKNOWN)

    def with_attributes(self, unfit: Mapping[str, str]) -> ColumnMapping:
        """The same mapping with every unknown column taken as an attribute of its name.

        `unfit` are those that are to be left out, each with the reason.
        """
        reasons = dict(_beyond_limits([name for name in self.unknown if name not in unfit])) | dict(unfit)
        taken = [name for name in self.unknown if name not in reasons]
        attributes = (Column(self.header.index(name), name, Field(ATTRIBUTE, name)) for name in taken)
        return replace(
            self,
            columns=(*self.columns, *attributes),
            ignored=tuple(
                Ignored(name, reasons.get(name, reason)) for name, reason in self.ignored if name not in taken
            ),
        )

    def only_id(self) -> Column | None:
        """The one column of an id in a table of parties none of whose columns names the record.

        What is told of contacts or orders is no such table: there an id comes again.
        """
        fields = {column.field.name for column in self.columns}
        ids = [column for column in self.columns if column.field == Field("external")]
        if len(ids) != 1 or self.channel or not fields.isdisjoint({"record_id", "source", *_EVENTS}):
            return None
        return ids[0]

    def named_by(self, id_: Column) -> ColumnMapping:
        """The same mapping where this column names the record, and is no identifier."""
        named = (each._replace(field=_RECORD_ID) if each == id_ else each for each in self.columns)
        return replace(self, columns=tuple(named))

    def also_named_by(self, id_: Column) -> ColumnMapping:
        """The same mapping where this column names the record too."""
        return replace(self, columns=(*self.columns, id_._replace(field=_RECORD_ID)))

    def describe(self) -> list[str]:
        """One line for each column, used or ignored, to print before a run."""
        told = {"channel"} if self.channel else set()
        lacking = [of for field, of in _CONTACT_NEEDS.items() if field not in told and not self.of(field)]
        lost = f", not kept: a contact needs {' and '.join(lacking)} too" if lacking else ""
        used = [
            f"{column.name} -> {column.field}{lost if column.field.name in _CONTACT else ''}"
            for column in sorted(self.columns, key=lambda c: c.place)
        ]
        return used + [f"{name} ignored: {reason}" for name, reason in self.ignored]

    def warnings(self) -> list[str]:
        """What somebody should know before they trust what comes of it."""
        found = []
        if not any(self.of(name) for name in (*_NAMES, "organisation")):
            found.append("no column is understood as a name; if one holds names, tell it with --map")
        if (column := self.only_id()) is not None:
            found.append(
                f"{column.name} is empty in some rows or the same in unlike ones: an id that does not "
                "name the record; if it should, name it with --id"
            )
        return found


_RECORD_ID: Final = Field("record_id")
IDENTIFIERS = frozenset(
    {"phone", "email", "handle", "loyalty", "device", "external", "reference", "government"}
)
"""Fields of which a row may have several: each is a `graph.model.IdentifierKind`."""

ATTRIBUTE = "attribute"
"""The field of a column of the file's own that takes part in matching; its namespace is the name."""

_USUAL_ATTRIBUTES = frozenset(
    "gender birth_place birth_name nationality language title marital_status occupation".split()
)
"""Attributes that many systems keep and the model that ships knows; taken without being asked for.

`religion`, which it knows too, is not: the law of many countries wants a reason for using it.
"""

_KEYS = frozenset({"source", "record_id", "version", "touchpoint_id", "occurred", "channel", "platform"})
"""Fields read from one column only, the first in the vocabulary's order."""

_NAMES: Final = ("given_name", "family_name", "full_name")
_BOTH_NAMES: Final = frozenset(_NAMES[:2])
_CONTACT: Final = frozenset(
    "channel contact_address touchpoint_id conversation direction duration outcome value "
    "occurred kind purpose automated agent location currency".split()
)
"""Fields that tell of a contact, not of the party."""
_EVENTS: Final = frozenset(
    "channel contact_address touchpoint_id conversation direction duration outcome value reference".split()
)
"""Fields of a table of contacts, orders or tickets; of parties none is told."""
_CONTACT_NEEDS: Final = {"channel": "a channel", "occurred": "a time"}

# Words in the order of preference. Headings in nl, de, fr and es stand where they cannot be mistaken; those
# of other languages, and of more words than one, in `column_names.txt`.
_VOCABULARY: dict[str, str] = {
    "record_id": "record_id rec_id unique_id do_not_modify_contact do_not_modify_lead do_not_modify_account "
    "id",
    "source": "source source_system data_source system bron quelle",
    "version": "version record_version updated_at updated last_modified modified_at modified",
    "touchpoint_id": "touchpoint_id event_id message_id interaction_id activity_id",
    "occurred": "occurred_at occurred timestamp event_time datetime date_time created_at created tijdstip "
    "zeitpunkt date time datum fecha",
    "channel": "channel kanaal kanal canal",
    "platform": "platform network social_network social_platform",
    "direction": "direction richting richtung",
    "kind": "kind type event event_type touchpoint_type interaction_type",
    "purpose": "purpose doel zweck",
    "conversation": "conversation_id conversation thread_id thread session_id",
    "outcome": "outcome result disposition",
    "automated": "automated is_automated",
    "agent": "agent agent_id employee medewerker mitarbeiter",
    "location": "location store store_id shop shop_id branch winkel filiaal filiale",
    "duration": "duration duration_seconds duration_s",
    "value": "value amount order_value bedrag betrag montant importe",
    "currency": "currency currency_code valuta waehrung wahrung devise moneda",
    "contact_address": "contact_address channel_address",
    "given_name": "given_name given_names first_name first_names first fname forename forenames "
    "christian_name voornaam voornamen vorname vornamen prenom nombre nombre_de_pila fornavn fornamn "
    "etunimi imie jmeno keresztnev initials voorletters initialen",
    "middle_name": "middle_name middle_names middle_initial middle mname mi second_name additional_name",
    "family_name": "family_name surname last_name last lname achternaam familienaam nachname familienname "
    "nom_de_famille apellido apellidos cognome sobrenome efternavn efternamn etternavn sukunimi nazwisko "
    "prijmeni vezeteknev",
    "family_prefix": "family_prefix surname_prefix tussenvoegsel tussenvoegsels voorvoegsel",
    "name_suffix": "name_suffix suffix generation_suffix generational_suffix",
    "full_name": "full_name name display_name customer_name contact_name person_name naam volledige_naam "
    "nom_complet nombre_completo nome_completo",
    "organisation": "organisation organization company company_name organisation_name organization_name "
    "business business_name employer employer_name bedrijf bedrijfsnaam firma unternehmen entreprise "
    "societe empresa azienda",
    "party_type": "party_type",
    "birth_date": "birth_date birthdate birthday date_of_birth dob birth geboortedatum geburtsdatum "
    "date_de_naissance date_naissance fecha_de_nacimiento fecha_nacimiento data_di_nascita "
    "data_de_nascimento data_nascimento data_urodzenia fodselsdato fødselsdato fodelsedatum birth_year "
    "year_of_birth yob geboortejaar geburtsjahr",
    "house_number": "house_number house_num1 house street_number stno huisnummer hausnummer",
    "street": "street street_name street_address address_line_1 address_1 line_1 add1 address address_2 "
    "address_line_2 line_2 add2 business_street business_address postal_address card_address_line1 "
    "mail_addr1 mail_addr2 po_box pobox straat straatnaam stras adres strasse anschrift adresse rue calle "
    "direccion indirizzo rua endereco morada ulica",
    "postcode": "postcode postal_code zip zip_code zip_postal_code post_code1 pstlz business_postal_code "
    "postal_postcode card_address_zip mail_zip mail_zipcode plz postleitzahl code_postal codigo_postal cap "
    "cep postnummer kod_pocztowy",
    "postcode_city": "plz_ort plz_stadt plz_wohnort postleitzahl_ort postcode_plaats postcode_woonplaats "
    "postcode_en_plaats postcode_en_woonplaats code_postal_ville code_postal_et_ville cp_ville zip_city "
    "postcode_city cap_citta cp_poblacion",
    "city": "city city1 ort01 business_city postal_city card_address_city mail_city suburb town locality "
    "municipality place woonplaats plaats stad ort wohnort stadt ville ciudad localidad citta comune cidade "
    "miasto",
    "state": "state mail_state province state_province state_region state_id address_region regio "
    "business_state postal_state card_address_state state_code province_code county provincie bundesland "
    "provincia",
    "country": "country country_code country_region country_id land1 business_country_region postal_country "
    "postal_country_code card_address_country land pays pais paese",
    "phone": "phone phone_number mobile mobile_phone mobile_number mobile_phone_number telephone "
    "telephone_number tel cell cell_phone cell_phone_number landline home_phone work_phone business_phone "
    "evening_phone daytime_phone car_phone caller_number caller_phone calling_number contact_number msisdn "
    "gsm whatsapp whatsapp_number whatsapp_phone_number tel_mobile tel_number telf1 telf2 telefoon "
    "telefoonnummer telefoon_mobiel tel_mobiel mobiel mobiele_nummer telefon telefonnummer handy "
    "handynummer rufnummer telephone_portable portable telefono movil celular cellulare",
    "email": "email email_address e_mail_address mail mail_address customer_email emailadres mailadres "
    "email_adresse courriel correo correo_electronico smtp_addr",
    "handle": "handle username user_name screen_name social_handle gebruikersnaam benutzername",
    "handle:instagram": "instagram instagram_handle instagram_username insta ig ig_handle",
    "handle:twitter": "twitter twitter_handle twitter_username x_handle",
    "handle:facebook": "facebook facebook_handle facebook_username fb",
    "handle:messenger": "messenger messenger_id psid",
    "handle:tiktok": "tiktok tiktok_handle tiktok_username",
    "handle:linkedin": "linkedin linkedin_url linkedin_handle",
    "handle:telegram": "telegram telegram_handle telegram_username",
    "handle:snapchat": "snapchat snapchat_handle",
    "handle:youtube": "youtube youtube_handle",
    "handle:whatsapp": "whatsapp_user_id whatsapp_id bsuid",
    "loyalty": "loyalty_id loyalty loyalty_number loyalty_card loyalty_card_number card card_number card_id "
    "membership membership_id membership_number member_id member_number klantenkaart kundenkarte "
    "carte_fidelite tarjeta_cliente",
    "device": "device_id device cookie cookie_id anonymous_id visitor_id advertising_id idfa gaid push_token",
    "external": "external_id customer_id customer_number customer_no account_id account_number user_id "
    "crm_id contact_id person_id guest_id patient_id local_patient_id customer_code cust_no cust_id "
    "klaviyo_id square_customer_id euid kunnr klantnr kundennr klantnummer kundennummer numero_client "
    "numero_cliente",
    "reference": "reference reference_id reference_number",
    "reference:order": "order_id order_number order_no order bestelnummer bestellnummer auftragsnummer "
    "numero_commande numero_pedido",
    "reference:case": "case_id case_number case zaaknummer",
    "reference:ticket": "ticket_id ticket_number ticket",
    "reference:parcel": "tracking_number tracking_id parcel parcel_id parcel_number shipment_id",
    "government:social_security": "soc_sec_id ssn ssn_number social_security social_security_number bsn "
    "sozialversicherungsnummer",
    "government:national": "national_id national_id_number identity_number id_card dni dni_nif dni_nie pesel "
    "nhs_number nhs_no codice_fiscale cpf personnummer rijksregisternummer",
    "government:passport": "passport passport_number paspoortnummer",
    "government:driving_licence": "driving_licence driving_licence_number drivers_license "
    "drivers_license_number driver_license driver_license_number",
}


_LATIN: Final = "\u0250"
"""Before it the letters are Latin, accented or stroked; many write them without (`Dia chi`)."""


def _folded(name: str) -> str:
    """A column name as it is compared: letters and digits only, lower case, no accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(letter for letter in plain if letter.isalnum())
    if letters.isascii():
        return letters
    return "".join(anyascii(letter) if letter < _LATIN else letter for letter in letters)


def _headings() -> dict[str, tuple[str, ...]]:
    """The words of the vocabulary by field, those of other languages behind, each in one spelling."""
    found = {field: words.split() for field, words in _VOCABULARY.items()}
    for line in resource("column_names.txt"):
        field, _, words = line.partition(" = ")
        found[field] += words.split(", ")
    return {field: tuple(words) for field, words in found.items()}


_HEADINGS = _headings()


def _field(text: str) -> Field:
    name, _, namespace = text.partition(":")
    return Field(name, namespace)


_KNOWN: dict[str, tuple[Field, int]] = {
    _folded(word): (_field(text), preference)
    for text, words in _HEADINGS.items()
    for preference, word in reversed([*enumerate(words)])
}
FIELDS = frozenset(_field(text).name for text in _VOCABULARY) | {ATTRIBUTE}
"""Every field a map file may name; identifiers may add `:namespace`, an attribute adds its name."""

_WORDS = re.compile(r"[A-Z]{2,}(?![^\W\d_A-Z])|[^\W\d_][^\W\d_A-Z]*|\d+")
"""The words of a column name, `firstName` and `first-name` alike."""
_ABBREVIATED = {
    "addr": "address", "adr": "address", "cd": "code", "corp": "company", "dt": "date", "frst": "first",
    "lst": "last", "midl": "middle", "mob": "mobile", "mobl": "mobile", "nbr": "number", "nm": "name",
    "no": "number", "nr": "number", "num": "number", "org": "organisation", "organization": "organisation",
    "ph": "phone", "postalcode": "postcode", "sufx": "suffix", "zipcode": "zip",
}  # fmt: skip


def _words(name: str) -> list[str]:
    """The words of a column name, folded, abbreviations written out."""
    folded = (_folded(each) for each in _WORDS.findall(name))
    return [_ABBREVIATED.get(each, each) for each in folded]


_BY_WORDS: dict[frozenset[str], tuple[Field, int]] = {
    frozenset(_words(word)): (_field(text), preference)
    for text, words in reversed(_HEADINGS.items())
    for preference, word in reversed([*enumerate(words)])
}
"""The vocabulary by the words of its names, in any order: `Name, last` is `last_name`."""
_QUALIFIERS = frozenset(
    "customer cust client contact person personal member guest user subscriber patient voter holder "
    "policyholder insured cardholder buyer purchaser recipient requester caller applicant passenger booker "
    "billing bill shipping ship delivery mailing invoice home private physical alt metadata verzending "
    "facturatie bezorging primary main default other alternate "
    "secondary current permanent residential residence res registered legal preferred work prive thuis "
    "zakelijk werk privat known raw original orig clean cleaned standardised standardized normalised "
    "normalized fake dummy masked synthetic".split()
)
"""Words beside a field's name that tell whose it is, which of several or how it was made."""
_PARTS = frozenset(
    "buyer purchaser booker policyholder insured cardholder caller requester applicant recipient passenger "
    "guest".split()
)
"""Of these words those that tell by their part in it one person from another whom a row names."""
_WHICH = (
    _QUALIFIERS
    - frozenset(
        "customer cust client contact person personal member user subscriber patient voter primary main "
        "default current preferred metadata known raw original orig clean cleaned standardised standardized "
        "normalised normalized fake dummy masked synthetic".split()
    )
) | {"business", "card", "mail", "postal"}
"""Of these words those that tell one address, or one person, from another of the same row."""
_FILLERS = frozenset("address full name number value desc description lbl text".split())
"""Words that name a field alone, and beside another field's name say nothing: `address_city`."""
_QUALIFIED = frozenset(
    {"given_name", "middle_name", "family_name", "family_prefix", "name_suffix", "full_name", "organisation"}
    | {"birth_date", "house_number", "street", "postcode", "city", "state", "country", "phone", "email"}
)
"""Fields that may be so qualified; `client_id` is another thing than `id`."""

_BESIDE: Final = {
    "ad": (Field("given_name"), frozenset({"soyad", "soyadi", "soyisim"})),
    "numero": (Field("house_number"), frozenset({"logradouro", "rua", "calle", "indirizzo", "rue"})),
    "by": (Field("city"), frozenset({"postnr", "postnummer"})),
    "partner": (Field("external"), frozenset({"birthdt", "namefirst", "nameorg1", "smtpaddr"})),
}
"""Headings that are a field's only beside another of its language: an *ad* is a Turk's given name."""

_ACCOUNT: Final = frozenset({"accountname", "contactid", "leadid", "ownerid"})
_PAYMENT: Final = frozenset(
    {"cardbrand", "cardtype", "cardfunding", "cardlast4", "cardexpmonth", "cardexpyear"}
)
_CAMPAIGN: Final = frozenset(
    {"emailmarketingconsent", "klaviyoid", "lineitemname", "financialstatus", "utmsource", "utmmedium"}
    | {"leadstatus", "requesteremail", "requestername", "ticketid"}
)
_UNLESS_BESIDE: Final = {
    "accountid": _ACCOUNT,
    "accountnumber": _ACCOUNT,
    "card": _PAYMENT,
    "cardid": _PAYMENT,
    "cardnumber": _PAYMENT,
    "source": _CAMPAIGN,
}
"""Headings that mean something else beside these: a firm's account, which colleagues share, and a payment
card are no person's id; where an order, a lead or a ticket came from is not the system that reports it."""

_IGNORE = "ignore"
_UNKNOWN = "not a known column; name it with --map"
_GOVERNMENT = "a government id is taken only with --government-ids"


def parse_map(text: str) -> dict[str, Field | None]:
    """Read a map file: TOML, one table `[columns]`, the column on the left, its field on the right.

    ``"Tel. privé" = "phone"``, ``IG = "handle:instagram"``, ``Job = "attribute:occupation"``,
    ``Remarks = "ignore"`` (None in the result).

    Raises:
        MappingError: not TOML, another key than `columns`, or a field that does not exist.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"the map file is not TOML: {error}") from None
    for key in document:
        if key != "columns":
            raise MappingError(f"the map file has an unknown key {key!r}: it holds one table, [columns]")
    columns = document.get("columns")
    if not isinstance(columns, dict):
        raise MappingError("the map file has no table [columns]")
    return {column: _told(column, value) for column, value in columns.items()}


def _told(column: str, value: object) -> Field | None:
    """The field that a map file names for a column."""
    if not isinstance(value, str):
        raise MappingError(f"columns.{column}: a field's name in quotes is expected")
    if value == _IGNORE:
        return None
    field = _field(value)
    if field.name not in FIELDS:
        raise MappingError(
            f"columns.{column}: there is no field {value!r}; known are {', '.join(sorted(FIELDS))}"
        )
    if field.name == ATTRIBUTE:
        fault = limits.text_rule("Attribute.name").fault(field.namespace)
        if fault is not None or not field.namespace.strip():
            raise MappingError(
                f"columns.{column}: an attribute needs a name of 1 to 100 characters: attribute:NAME"
            )
    elif ":" in value and (field.name not in IDENTIFIERS or not field.namespace):
        raise MappingError(f"columns.{column}: {value!r} is not FIELD:NAMESPACE of an identifier")
    return field


def _beyond_limits(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns of which the contract's limits let no attributes be made, each with the reason."""
    rule = limits.text_rule("Attribute.name")
    faults = {name: fault.description for name in names if (fault := rule.fault(name)) is not None}
    fit = [name for name in names if name not in faults]
    yield from ((name, f"its name is {fault}") for name, fault in faults.items())
    yield from ((name, f"more than {limits.ATTRIBUTES} attributes") for name in fit[limits.ATTRIBUTES :])


def guess(
    header: Sequence[str],
    *,
    id_column: str | None = None,
    told: Mapping[str, Field | None] | None = None,
    government_ids: bool = False,
) -> ColumnMapping:
    """Understand a header.

    Args:
        header: the column names as they stand in the file.
        id_column: the column that is the record's id, whatever its name says (`--id`).
        told: columns whose field is known (`--map`, see `parse_map`); None leaves a column out.
        government_ids: take national and passport numbers too.

    Raises:
        MappingError: two columns of one name, a named column that is not there, or no known column.
    """
    _refuse_duplicates(header)
    named = dict(told or {})
    beside = {_folded(name) for name in header}
    if id_column is not None:
        named[id_column] = Field("record_id")
    for name in named:
        if name not in header:
            raise MappingError(f"there is no column {name!r}")

    ignored: dict[int, str] = {}
    ranked: list[tuple[int, Column]] = []
    for index, name in enumerate(header):
        field, preference = (named[name], -1) if name in named else _recognise(name, beside)
        if name in named and field is None:
            ignored[index] = "left out as told"
        elif field is None:
            ignored[index] = _UNKNOWN if name.strip() else "it has no name"
        elif field.name == "government" and not government_ids:
            ignored[index] = _GOVERNMENT
        else:
            ranked.append((preference, Column(index, name, field)))
    if not ranked and not ignored:
        raise MappingError("the header is empty")
    if not ranked:
        raise MappingError("no column is known; name them with --map")

    columns: list[Column] = []
    taken: dict[str, Column] = {}
    others = _of_others([column for _, column in ranked if column.name not in named])
    for _, column in sorted(ranked, key=lambda pair: (pair[0], pair[1].place)):
        if column in others:
            ignored[column.place] = f"it is another person's than {others[column].name}"
            continue
        first = taken.setdefault(column.field.name, column)
        if column.field.name in _KEYS and first is not column:
            ignored[column.place] = f"{column.field.name} is read from {first.name}"
        else:
            columns.append(column)
    return ColumnMapping(
        tuple(header),
        tuple(columns),
        tuple(Ignored(header[index], ignored[index]) for index in sorted(ignored)),
    )


def _of_others(columns: Sequence[Column]) -> Mapping[Column, Column]:
    """The columns of whom else a row names (`recipient_name` beside `buyer_name`), each with that name.

    Who has no part stands before who has one, else who comes first. What only another has of a name may be
    the first one's: `Guest First Name, Last Name` are one person's.
    """
    parts = {column: next((w for w in _words(column.name) if w in _PARTS), "") for column in columns}
    names: dict[str, Column] = {}
    for column in columns:
        if column.field.name in _NAMES:
            names.setdefault(parts[column], column)
    if len(names) < 2:
        return {}
    first = names.get("") or next(iter(names.values()))
    own = {column.field.name for column, part in parts.items() if part == parts[first]}
    return {
        column: first
        for column, part in parts.items()
        if part not in {"", parts[first]} and part in names and column.field.name in _QUALIFIED
        if "full_name" in own or own >= _BOTH_NAMES or column.field.name in own
    }


def _refuse_duplicates(header: Sequence[str]) -> None:
    """Two columns of one name cannot be told apart. Positions only: a file may lack its header."""
    seen: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        if name.strip() and seen.setdefault(name, position) != position:
            raise MappingError(f"columns {seen[name]} and {position} have the same name")


def _recognise(name: str, beside: Collection[str]) -> tuple[Field | None, int]:
    """The field and preference of a column name that stands beside others, all folded.

    A number at its end (`phone 2`) only comes later, and so does a word beside it that says whose or
    which (`customer_first_name`, `Billing Zip Code`, `Address 1 - City`).
    """
    word = _folded(name)
    if not _UNLESS_BESIDE.get(word, frozenset()).isdisjoint(beside):
        return None, 0
    bare = word.rstrip("0123456789")
    if word in _KNOWN:
        return _KNOWN[word]
    if word in _BESIDE and not _BESIDE[word][1].isdisjoint(beside):
        return _BESIDE[word][0], 0
    if bare in _KNOWN and _KNOWN[bare][0].name in IDENTIFIERS:
        return _KNOWN[bare]
    words = _words(name)
    if frozenset(words) in _BY_WORDS:
        return _BY_WORDS[frozenset(words)]
    for step, fewer in enumerate(_fewer(words), start=1):
        field, preference = _named_by(fewer)
        if field is not None and field.name in _QUALIFIED:
            return field, preference + step * len(_KNOWN)
    attribute = attribute_name(name)
    return (Field(ATTRIBUTE, attribute), 0) if attribute in _USUAL_ATTRIBUTES else (None, 0)


_POST_CODE: Final = re.compile(r"postal[\W_]*code|c[oó]d[\w.]*[\W_]*postal", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"\W*addr(?:ess(?:es)?)?[\W_]*(\d+)[\W_]*[^\W\d]", re.IGNORECASE)
"""One of several addresses: `Address 1 - City`, not `Address 1`, the first line of one."""


def which(name: str) -> frozenset[str]:
    """What a column name says of which address, or whose name, it holds; empty where it says nothing."""
    numbered = _NUMBERED.match(name)
    words = {each for each in _words(_POST_CODE.sub(" ", name)) if each in _WHICH}
    return frozenset(words | {numbered[1]} if numbered else words)


def _fewer(words: Sequence[str]) -> Iterator[list[str]]:
    """The words of a name without those that may say no more than whose or which, ever fewer of them."""
    plain = [each for each in words if each not in _QUALIFIERS]
    yield plain
    unnumbered = [each for each in plain if not each.isdecimal()]
    yield unnumbered
    for at, each in enumerate(unnumbered):
        if each in _FILLERS:
            yield unnumbered[:at] + unnumbered[at + 1 :]
    yield [each for each in unnumbered if each not in _FILLERS]


def _named_by(words: Sequence[str]) -> tuple[Field | None, int]:
    found = _KNOWN.get("".join(words)) or _BY_WORDS.get(frozenset(words))
    return found or (None, 0)
