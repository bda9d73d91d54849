from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.batch import mapping
from resolver.batch.mapping import Field, MappingError, guess, parse_map

USUAL = {
    "record_id": "record_id unique_id rec_id id",
    "given_name": "given_name first_name fname voornaam Vorname prénom",
    "family_name": "surname last_name lname achternaam Nachname",
    "full_name": "full_name name",
    "middle_name": "middle_name middle_initial",
    "birth_date": "dob birth_date date_of_birth geboortedatum",
    "email": "email e-mail E_Mail EMAIL",
    "phone": "phone mobile phone_number telefoon phone2",
    "handle": "handle",
    "handle:instagram": "instagram",
    "handle:twitter": "twitter",
    "loyalty": "loyalty_id card",
    "reference:order": "order_id",
    "reference:case": "case_id",
    "house_number": "house_number street_number",
    "street": "street address address_1 straße",
    "city": "city suburb woonplaats",
    "postcode": "postcode zip",
    "state": "state",
    "country": "country",
    "organisation": "company organisation",
    "source": "source",
    "channel": "channel",
    "occurred": "created_at timestamp",
}


@pytest.mark.parametrize(("field", "word"), [(f, w) for f, words in USUAL.items() for w in words.split()])
def test_usual_names(field: str, word: str) -> None:
    (column,) = guess([word]).columns
    assert str(column.field) == field


@pytest.mark.parametrize("word", ["soc_sec_id", "ssn", "national_id", "passport"])
def test_government_ids_only_on_request(word: str) -> None:
    understood = guess(["name", word])
    assert [c.name for c in understood.columns] == ["name"]
    assert "--government-ids" in understood.ignored[0].reason
    assert guess([word], government_ids=True).columns[0].field.name == "government"


def test_no_word_stands_for_two_fields() -> None:
    fields: dict[str, str] = {}
    for field, words in mapping._HEADINGS.items():
        for word in words:
            assert fields.setdefault(mapping._folded(word), field) == field


@given(st.sampled_from(["date_of_birth", "first_name", "loyalty_id"]), st.data())
def test_case_and_separators_do_not_matter(word: str, data: st.DataObject) -> None:
    drawn = "".join(
        data.draw(st.sampled_from(["_", " ", "-", ""]))
        if letter == "_"
        else data.draw(st.sampled_from([letter, letter.upper()]))
        for letter in word
    )
    assert guess([drawn]).columns[0].field == guess([word]).columns[0].field


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("customerFirstName", "given_name"),
        ("CUST_LAST_NAME", "family_name"),
        ("Billing Zip Code", "postcode"),
        ("postcode_fake", "postcode"),
        ("Contact E-mail", "email"),
        ("policyholder_name", "full_name"),
        ("Requester email", "email"),
        ("work_email", "email"),
        ("Registered Business Name", "organisation"),
    ],
)
def test_a_word_that_says_whose_or_which_is_read_past(word: str, field: str) -> None:
    assert [str(column.field) for column in guess([word, "id"]).columns] == ["record_id", field]


ELSEWHERE = [
    "Vorname;Nachname;Geburtsdatum;Straße und Hausnummer;PLZ;Ort;Telefon;E-Mail;Land",
    "prénom;nom de famille;date de naissance;adresse;code postal;ville;téléphone;courriel;pays",
    "Nombre;Apellidos;Fecha de nacimiento;Dirección;Código postal;Población;Móvil;Correo electrónico;País",
    "Nome;Sobrenome;Data de nascimento;Logradouro;CEP;Cidade;Celular;E-mail;País",
    "Nome;Cognome;Data di nascita;Indirizzo;CAP;Città;Cellulare;E-mail;Paese",
    "Imię;Nazwisko;Data urodzenia;Ulica;Kod pocztowy;Miejscowość;Telefon;Adres e-mail;Kraj",
    "Jméno;Příjmení;Datum narození;Ulice;PSČ;Město;Telefon;E-mail;Země",
    "Förnamn;Efternamn;Födelsedatum;Gatuadress;Postnummer;Postort;Mobil;E-post;Land",
    "Etunimi;Sukunimi;Syntymäaika;Osoite;Postinumero;Kaupunki;Puhelin;Sähköposti;Maa",
    "Keresztnév;Családnév;Születési dátum;Cím;Irányítószám;Város;Telefonszám;E-mail cím;Ország",
    "Ad;Soyad;Doğum Tarihi;Adres;Posta Kodu;Şehir;Cep Telefonu;E-posta;Ülke",
    "Имя;Фамилия;Дата рождения;Адрес;Индекс;Город;Мобильный телефон;Эл. почта;Страна",
    "Ім'я;Прізвище;Дата народження;Вулиця;Поштовий індекс;Місто;Телефон;Електронна пошта;Країна",
    "Όνομα;Επώνυμο;Ημερομηνία γέννησης;Διεύθυνση;Τ.Κ.;Πόλη;Κινητό;E-mail;Χώρα",
    "الاسم الأول;اسم العائلة;تاريخ الميلاد;العنوان;الرمز البريدي;المدينة;الجوال;البريد الإلكتروني;الدولة",
    "שם פרטי;שם משפחה;תאריך לידה;כתובת;מיקוד;עיר;טלפון נייד;אימייל;מדינה",
    "名;姓;出生日期;地址;邮编;城市;手机号码;邮箱;国家",
    "名;姓;生年月日;住所;郵便番号;市区町村;電話番号;メールアドレス;国",
    "이름;성;생년월일;주소;우편번호;도시;휴대폰;이메일;국가",
    "Tên;Họ;Ngày sinh;Địa chỉ;Mã bưu chính;Thành phố;Số điện thoại;Email;Quốc gia",
    "Ten;Ho;Ngay sinh;Dia chi;Ma buu chinh;Thanh pho;So dien thoai;Email;Quoc gia",
]


@pytest.mark.parametrize("header", ELSEWHERE)
def test_headers_of_other_countries(header: str) -> None:
    fields = [
        "given_name",
        "family_name",
        "birth_date",
        "street",
        "postcode",
        "city",
        "phone",
        "email",
        "country",
    ]
    understood = guess(header.split(";"))
    assert [str(column.field) for column in sorted(understood.columns, key=lambda each: each.place)] == fields


@pytest.mark.parametrize(
    "word",
    [
        "Nom",
        "Nombre y apellidos",
        "Nominativo",
        "ФИО",
        "ПІБ",
        "Ονοματεπώνυμο",
        "الاسم الكامل",
        "姓名",
        "氏名",
        "Họ và tên",
    ],
)
def test_whole_names_of_other_countries(word: str) -> None:
    assert [str(column.field) for column in guess([word]).columns] == ["full_name"]


@pytest.mark.parametrize("word", ["Ad", "Número", "By"])
def test_a_heading_that_needs_its_neighbour_is_not_known_without(word: str) -> None:
    assert guess([word, "email"]).unknown == (word,)
    assert guess([word, "email", "soyad", "rua", "postnr"]).unknown == ()


@pytest.mark.parametrize(
    ("word", "beside"),
    [
        ("AccountId", "OwnerId"),
        ("Account ID", "Account Name"),
        ("Card ID", "Card Brand"),
        ("card", "card_last4"),
    ],
)
def test_what_a_firm_shares_or_one_pays_with_is_no_id_of_a_person(word: str, beside: str) -> None:
    assert word in {column.name for column in guess([word, "email"]).columns}
    assert word not in {column.name for column in guess([word, "email", beside]).columns}


EXPORTS = {
    "a mailing list": {
        "Email Address": "email",
        "First Name": "given_name",
        "Last Name": "family_name",
        "Address": "street",
        "Phone Number": "phone",
        "Birthday": "birth_date",
    },
    "a sales system": {
        "Id": "record_id",
        "AccountId": "external",
        "LastName": "family_name",
        "FirstName": "given_name",
        "MailingStreet": "street",
        "MailingPostalCode": "postcode",
        "OtherPhone": "phone",
        "Birthdate": "birth_date",
        "LeadSource": "",
        "ReportsToId": "",
    },
    "a web shop": {
        "Default Address Company": "organisation",
        "Default Address Address1": "street",
        "Default Address Province Code": "state",
        "Default Address Country Code": "country",
        "Default Address Zip": "postcode",
        "Default Address Phone": "phone",
        "Accepts Email Marketing": "",
        "Total Orders": "",
    },
    "another web shop": {
        "order_id": "reference:order",
        "billing_first_name": "given_name",
        "billing_address_1": "street",
        "billing_postcode": "postcode",
        "billing_email": "email",
    },
    "an address book": {
        "Name Suffix": "name_suffix",
        "E-mail 1 - Label": "",
        "E-mail 1 - Value": "email",
        "Phone 1 - Value": "phone",
        "Address 1 - Street": "street",
        "Address 1 - City": "city",
        "Address 1 - Postal Code": "postcode",
        "Organization Name": "organisation",
        "Nickname": "",
    },
    "an office": {
        "Home Country/Region": "country",
        "E-mail 2 Address": "email",
        "Business Phone": "phone",
        "address1_line1": "street",
        "address1_postalcode": "postcode",
        "emailaddress1": "email",
        "contactid": "external",
    },
    "an entity resolver": {
        "DATA_SOURCE": "source",
        "RECORD_ID": "record_id",
        "PRIMARY_NAME_ORG": "organisation",
        "PRIMARY_NAME_FULL": "full_name",
        "PRIMARY_NAME_LAST": "family_name",
        "PRIMARY_NAME_FIRST": "given_name",
        "ADDR_FULL": "street",
        "ADDR_CITY": "city",
        "ADDR_POSTAL_CODE": "postcode",
        "ADDR_TYPE": "",
        "RECORD_TYPE": "",
    },
    "a register of voters": {
        "midl_name": "middle_name",
        "name_suffix_lbl": "name_suffix",
        "house_num": "house_number",
        "res_street_address": "street",
        "res_city_desc": "city",
        "state_cd": "state",
        "full_phone_number": "phone",
        "birth_year": "birth_date",
        "voter_reg_num": "",
        "mail_addr1": "street",
    },
    "a Dutch club": {
        "Voorletters": "given_name",
        "Tussenvoegsel": "family_prefix",
        "Telefoonnummer privé": "phone",
        "Telefoon mobiel": "phone",
        "Huisnummer": "house_number",
    },
}


@pytest.mark.parametrize("export", EXPORTS)
def test_headers_of_usual_exports(export: str) -> None:
    understood = guess([*EXPORTS[export], "name"])
    fields = {column.name: str(column.field) for column in understood.columns if column.name != "name"}
    assert fields == {name: field for name, field in EXPORTS[export].items() if field}


def test_usual_attributes_count_unasked_and_what_the_law_guards_does_not() -> None:
    understood = guess(["name", "Geslacht", "Place of birth", "jobTitle", "religion", "shoe size"])
    assert [str(column.field) for column in understood.columns] == [
        "attribute:gender",
        "attribute:birth_place",
        "attribute:occupation",
        "full_name",
    ]
    assert understood.unknown == ("religion", "shoe size")


@given(st.permutations(["name", "last", "primary"]))
def test_the_words_of_a_name_may_stand_in_any_order(words: list[str]) -> None:
    assert guess(["_".join(words)]).columns[0].field == Field("family_name")


@pytest.mark.parametrize("word", ["client_id_old", "email_opt_in", "phone_type", "member since", "customer"])
def test_other_words_make_another_column(word: str) -> None:
    assert guess([word, "id"]).unknown == (word,)


def test_a_plain_column_comes_before_a_qualified_one() -> None:
    columns = guess(["shipping_city", "city", "id"]).of("city")
    assert [column.name for column in columns] == ["city", "shipping_city"]


def test_several_columns_of_one_kind_stay() -> None:
    understood = guess(["phone", "mobile", "instagram", "twitter"])
    assert {c.name: str(c.field) for c in understood.columns} == {
        "phone": "phone",
        "mobile": "phone",
        "instagram": "handle:instagram",
        "twitter": "handle:twitter",
    }
    assert not understood.ignored


def test_one_record_id_and_the_reason_for_the_others() -> None:
    understood = guess(["id", "record_id", "colour", ""])
    assert [(c.name, c.field.name) for c in understood.columns] == [("record_id", "record_id")]
    assert [i.name for i in understood.ignored] == ["id", "colour", ""]
    assert understood.ignored[0].reason == "record_id is read from record_id"


def test_id_column_wins_over_the_guess() -> None:
    understood = guess(["record_id", "email"], id_column="email")
    assert [(c.name, c.field.name) for c in understood.columns] == [("email", "record_id")]


def test_told_columns_come_before_guessed_ones() -> None:
    understood = guess(["street", "Weg"], told={"Weg": Field("street")})
    assert [c.name for c in understood.of("street")] == ["Weg", "street"]
    assert guess(["email", "phone"], told={"email": None}).ignored[0].name == "email"


@pytest.mark.parametrize(
    ("header", "settings", "words"),
    [
        (["email", "x", "email"], {}, "columns 1 and 3"),
        (["email"], {"id_column": "nr"}, "'nr'"),
        (["email"], {"told": {"Tel": Field("phone")}}, "'Tel'"),
        (["apple", "pear"], {}, "--map"),
        ([], {}, "empty"),
    ],
)
def test_a_header_that_cannot_be_used(header: list[str], settings: dict[str, object], words: str) -> None:
    with pytest.raises(MappingError, match=words):
        guess(header, **settings)  # type: ignore[arg-type]


def test_duplicate_columns_are_told_by_place_not_by_text() -> None:
    with pytest.raises(MappingError) as raised:
        guess(["jan@home.nl", "jan@home.nl"])
    assert "jan" not in str(raised.value)


def test_map_file() -> None:
    told = parse_map('[columns]\n"Tel. privé" = "phone"\nIG = "handle:instagram"\nRemarks = "ignore"\n')
    assert told == {"Tel. privé": Field("phone"), "IG": Field("handle", "instagram"), "Remarks": None}


def test_a_map_file_makes_a_column_an_attribute_that_counts() -> None:
    told = parse_map('[columns]\nJob = "attribute:occupation"\n"Place b." = "attribute:birth place"')
    assert told == {"Job": Field("attribute", "occupation"), "Place b.": Field("attribute", "birth place")}
    understood = guess(["name", "Job"], told={"Job": told["Job"]})
    assert "Job -> attribute:occupation" in understood.describe()


def test_unknown_columns_become_attributes_but_for_those_that_are_unfit() -> None:
    understood = guess(["name", "note", "hair", "", "ssn", "eyes"], told={"eyes": None})
    assert understood.unknown == ("note", "hair")
    taken = understood.with_attributes({"note": "free text"})
    assert [(c.name, str(c.field)) for c in taken.of("attribute")] == [("hair", "attribute:hair")]
    assert [(c.name, c.place) for c in taken.of("attribute")] == [("hair", 2)]
    assert taken.columns[:-1] == understood.columns
    assert [i.name for i in taken.ignored] == ["note", "", "ssn", "eyes"]
    assert taken.ignored[0].reason == "free text"


def test_no_more_attributes_are_taken_than_the_contract_has_room_for() -> None:
    names = [f"q{number}" for number in range(limits.ATTRIBUTES + 1)]
    taken = guess(["name", "n" * 101, *names]).with_attributes({})
    assert [c.name for c in taken.of("attribute")] == names[:-1]
    assert [i.reason for i in taken.ignored] == [
        "its name is longer than 100 characters", f"more than {limits.ATTRIBUTES} attributes"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[columns", "not TOML"),
        ("[column]\na = 'phone'", "'column'"),
        ("", r"\[columns\]"),
        ("columns = 3", r"\[columns\]"),
        ("[columns]\nTel = 'fone'", "columns.Tel"),
        ("[columns]\nTel = 3", "columns.Tel"),
        ("[columns]\nTel = 'city:x'", "columns.Tel"),
        ("[columns]\nTel = 'handle:'", "columns.Tel"),
        ("[columns]\nTel = 'attribute'", "columns.Tel"),
        ("[columns]\nTel = 'attribute: '", "columns.Tel"),
        (f"[columns]\nTel = 'attribute:{'x' * 101}'", "columns.Tel"),
    ],
)
def test_map_file_errors_name_the_key(text: str, words: str) -> None:
    with pytest.raises(MappingError, match=words):
        parse_map(text)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_every_column_is_used_or_named_as_ignored(header: list[str]) -> None:
    try:
        understood = guess(header)
    except MappingError:
        return
    assert sorted([c.name for c in understood.columns] + [i.name for i in understood.ignored]) == sorted(
        header
    )
    assert len(understood.describe()) == len(header)


VENDORS = {
    "Dynamics": {
        "(Do Not Modify) Contact": "record_id",
        "(Do Not Modify) Row Checksum": "",
        "Address 1: ZIP/Postal Code": "postcode",
        "Address 1: State/Province": "state",
        "Address 1: Country/Region": "country",
        "Business Phone": "phone",
    },
    "a Salesforce report": {
        "Contact ID": "external",
        "Mailing Zip/Postal Code": "postcode",
        "Mailing State/Province": "state",
        "Account ID": "",
    },
    "SAP": {
        "KUNNR": "external",
        "NAME1": "full_name",
        "STRAS": "street",
        "PSTLZ": "postcode",
        "ORT01": "city",
        "LAND1": "country",
        "REGIO": "state",
        "TELF1": "phone",
        "TELF2": "phone",
        "SMTP_ADDR": "email",
        "TELFX": "",
        "PARTNER": "external",
    },
    "Stripe": {
        "id": "record_id",
        "Card Address Line1": "street",
        "Card Address City": "city",
        "Card Address State": "state",
        "Card Address Zip": "postcode",
        "Card Address Country": "country",
        "phone (metadata)": "phone",
        "Card Fingerprint": "",
    },
    "Outlook": {
        "E-mail 2 Address": "email",
        "Business Street": "street",
        "Business City": "city",
        "Business Postal Code": "postcode",
        "Business Country/Region": "country",
        "Business Fax": "",
        "Company Main Phone": "",
        "Car Phone": "phone",
    },
    "Lightspeed": {
        "customer_code": "external",
        "physical_address1": "street",
        "physical_city": "city",
        "postal_address1": "street",
        "postal_postcode": "postcode",
        "postal_country_code": "country",
    },
    "Mailchimp": {"EUID": "external", "LEID": "", "OPTIN_IP": ""},
    "Pipedrive": {"Person - ID": "external", "Person - Phone - Mobile": "phone", "Person - Owner": ""},
    "Odoo": {"Complete Name": "full_name", "street2": "street", "country_id": "country", "state_id": "state"},
    "Magento": {"_address_region": "state", "_address_country_id": "country", "_address_vat_id": ""},
    "HubSpot": {"WhatsApp Phone Number": "phone", "Work email": "email", "Contact owner": ""},
    "Square": {"Square Customer ID": "external", "Creation Source": ""},
    "Google Contacts": {"Phone 1 - Value": "phone", "Address 1 - Region": "state", "Address 1 - Label": ""},
    "DATEV": {
        "Name (Adressattyp natürl. Person)": "family_name",
        "Vorname (Adressattyp natürl. Person)": "given_name",
        "Name (Adressattyp Unternehmen)": "organisation",
    },
    "bol.com": {"Voornaam verzending": "given_name", "Postcode verzending": "postcode"},
    "a German shop": {"Kundennr.": "external", "PLZ/Ort": "postcode_city", "Tel. privat": "phone"},
    "a Dutch shop": {"Klantnr": "external", "Tel. mobiel": "phone", "Postcode/Plaats": "postcode_city"},
    "a French shop": {"Tél. mobile": "phone", "Tél. fixe": "phone", "CP/Ville": "postcode_city"},
    "a Spanish shop": {"ID Cliente": "external", "Móvil": "phone"},
    "a clinic": {"LOCAL_PATIENT_ID": "external", "TEL_HOME": "phone", "TEL_MOBILE": "phone", "NOK_PHONE": ""},
    "a hotel": {"Guest ID": "external", "Guest Name": "full_name"},
    "a call centre": {"Caller Number": "phone", "Called Number": "", "Agent": "agent"},
    "a tracker": {"client_id": "", "partner": "", "email": "email"},
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_headings_of_large_systems(vendor: str) -> None:
    understood = guess([*VENDORS[vendor], "x"], told={"x": Field("email")})
    fields = {column.name: str(column.field) for column in understood.columns if column.name != "x"}
    assert fields == {name: field for name, field in VENDORS[vendor].items() if field}


def test_where_a_lead_came_from_is_no_source_of_records() -> None:
    assert guess(["id", "source", "email"]).of("source")
    for beside in ("Klaviyo ID", "Lineitem name", "utm_source", "Requester Email"):
        assert guess(["id", "source", beside]).unknown[:1] == ("source",)


def test_of_two_people_in_a_row_the_first_is_taken_and_it_is_said() -> None:
    understood = guess(["buyer-name", "buyer-email", "recipient-name", "recipient-phone", "ship-city"])
    assert {column.name for column in understood.columns} == {"buyer-name", "buyer-email", "ship-city"}
    told = "it is another person's than buyer-name"
    assert [(each.name, each.reason) for each in understood.ignored] == [
        ("recipient-name", told),
        ("recipient-phone", told),
    ]
    plain = guess(["Buyer First Name", "Buyer Email", "First Name", "Email"])
    assert {column.name for column in plain.columns} == {"First Name", "Email"}
    assert not guess(["Guest Name", "Booker Email"]).ignored, "one person is named"
    kept = guess(["Guest Name", "Booker Name"], told={"Booker Name": Field("full_name")})
    assert {column.name for column in kept.columns} == {"Guest Name", "Booker Name"}


def test_a_contact_without_a_channel_or_a_time_is_told_not_to_be_kept() -> None:
    lines = guess(["email", "Date", "Amount"]).describe()
    assert "email -> email" in lines
    assert "Amount -> value, not kept: a contact needs a channel too" in lines
    assert (
        "channel -> channel, not kept: a contact needs a time too" in guess(["email", "channel"]).describe()
    )
    both = guess(["email", "Store"]).describe()[1]
    assert both == "Store -> location, not kept: a contact needs a channel and a time too"
    assert not any("not kept" in line for line in guess(["email", "channel", "date", "amount"]).describe())


def test_a_table_in_which_no_column_is_a_name_is_warned_of() -> None:
    (told,) = guess(["id", "blah", "email"]).warnings()
    assert "no column is understood as a name" in told
    for word in ("surname", "first_name", "name", "company"):
        assert not guess(["id", word]).warnings()


def test_the_only_id_of_a_table_of_parties_may_name_its_rows() -> None:
    understood = guess(["customer_id", "email", "created_at"])
    column = understood.only_id()
    assert column is not None
    named = understood.named_by(column)
    assert [each.name for each in named.of("record_id")] == ["customer_id"] and not named.of("external")
    for beside in ("id", "source", "order_id", "amount", "channel", "account_id"):
        assert guess(["customer_id", "email", beside]).only_id() is None
    assert guess(["email"]).only_id() is None
    assert guess(["customer_id", "email", "Type", "Store", "currency"]).only_id()
