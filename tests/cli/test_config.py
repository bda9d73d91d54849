from __future__ import annotations

from pathlib import Path

import pytest

from resolver.config import SCHEMES, ConfigError, load


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("RESOLVER_CONFIG", "RESOLVER_POPULATION", "RESOLVER_OWNED__PHONES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "resolver.toml"


def test_flags_outrank_the_environment_which_outranks_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('region = "nl"\npopulation = 10\nlisten = "127.0.0.1:1"\n[server]\nthreads = 3\n')
    monkeypatch.setenv("RESOLVER_POPULATION", "20")
    monkeypatch.setenv("RESOLVER_LISTEN", "127.0.0.1:2")
    loaded = load(file, {"listen": "127.0.0.1:3", "store": None})
    found = {key: (value, origin) for key, value, origin in loaded.lines()}
    assert found["region"] == ("NL", str(file))
    assert found["population"] == ("20", "environment RESOLVER_POPULATION")
    assert found["listen"] == ("127.0.0.1:3", "flag --listen")
    assert found["server.threads"] == ("3", str(file))
    assert found["thresholds.merge"] == ("0.99", "default")
    assert not loaded.given("store")


def test_the_file_may_be_named_by_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("population = 7\n")
    monkeypatch.setenv("RESOLVER_CONFIG", str(file))
    assert load().configuration.population == 7


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("populaton = 3", "populaton"),
        ("population = 0", "population"),
        ('region = "NLD"', "region"),
        ('region = "XX"', "region"),
        ("[thresholds]\nmerge = 0.2", "thresholds"),
        ('[server]\nthreads = "x"', "server.threads"),
        ('listen = "x"', "listen"),
        ('[programmes]\nmiles = "mod7"', "programmes.miles"),
        ("[owned]\nphones = 3", "owned.phones"),
        ("x = [", "TOML"),
        ('policy = "lax"', "policy"),
        ("policy = [1]", "policy"),
        ('policy = "balanced"\n[thresholds]\npossible = 0.96', "thresholds"),
        ('never_alone = ["surname"]', "never_alone"),
        ('[limits]\nbirth_date = "always"', "limits.birth_date"),
        ("[limits]\nphone = true", "limits.phone"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_key(file: Path, written: str, key: str) -> None:
    file.write_text(written)
    with pytest.raises(ConfigError, match=key) as caught:
        load(file)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(file)


def test_owned_identifiers_are_brought_into_normal_form(file: Path) -> None:
    file.write_text('region = "NL"\n[owned]\nphones = ["020 555 0000"]\nhandles = ["instagram:@Shop"]\n')
    owned = load(file).configuration.settings().owned
    assert {(each.kind.value, each.namespace, each.value) for each in owned} == {
        ("phone", "", "+31205550000"),
        ("handle", "instagram", "shop"),
    }


def test_a_preset_sets_the_threshold_that_nobody_sets(file: Path) -> None:
    file.write_text('policy = "strict"\n')
    strict = load(file)
    assert strict.configuration.rules().merge == 0.999
    told = {key: (value, origin) for key, value, origin in strict.lines()}
    assert told["thresholds.merge"] == ("0.999", str(file))
    assert told["thresholds.possible"] == ("0.5", "default")
    assert load(file, {"policy": "balanced"}).configuration.rules().merge == 0.95
    file.write_text('policy = "strict"\n[thresholds]\nmerge = 0.97\n')
    assert load(file).configuration.rules().merge == 0.97


def test_rules_are_of_one_place(file: Path) -> None:
    file.write_text('never_alone = ["phone", "name"]\n[limits]\nloyalty = 0\nexternal = true\n')
    rules = load(file).configuration.rules()
    assert rules.never_alone == ("name", "phone")
    assert (rules.limits.loyalty, rules.limits.external, rules.limits.birth_date) == (
        False,
        True,
        "generation",
    )


ANY = "a file is expected, or one of neo4j://, neo4j+s://, neo4j+ssc://, bolt://, bolt+s://, bolt+ssc://"
AN_ADDRESS = "a server's address is neo4j://HOST:PORT, with nothing after it"


@pytest.mark.parametrize(
    ("store", "problem"),
    [
        (
            "neo4j://neo4j:geheim@host:7687",
            "holds a user or a password; they go to neo4j.user and neo4j.password",
        ),
        ("bolt://geheim@host", "holds a user or a password; they go to neo4j.user and neo4j.password"),
        ("http://host", ANY),
        ("neo4j://", AN_ADDRESS),
        ("neo4j://host:99999", AN_ADDRESS),
        ("neo4j://host:geheim", AN_ADDRESS),
        ("neo4j://host:7687/database", AN_ADDRESS),
        ("neo4j://host?policy=geheim", AN_ADDRESS),
        ("bolt://[host", AN_ADDRESS),
        ("", "a file or an address is expected"),
        (7, "a file or an address is expected"),
    ],
)
def test_a_store_is_a_file_or_an_address_without_a_password(store: object, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {"store": store})
    assert str(caught.value) == f"store: {problem} (flag --store)"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_address_is_taken_as_it_is(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for rest in ("host", "host:7687", "[::1]:7687", "10.0.0.7:1"):
        monkeypatch.setenv("RESOLVER_STORE", f"{scheme}://{rest}")
        assert load().configuration.store == f"{scheme}://{rest}"
    assert load(None, {"store": "a/b.db"}).configuration.store == Path("a/b.db")


def test_a_password_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load().configuration.neo4j.secret() is None
    file = tmp_path / "secret"
    file.write_text(" geheim \r\nnot this\n")
    held = load(None, {"neo4j": {"password_file": file}}).configuration.neo4j
    assert held.secret() == " geheim "
    file.unlink()
    with pytest.raises(ConfigError, match=r"^neo4j\.password_file: .*secret: cannot be read"):
        held.secret()
    monkeypatch.setenv("RESOLVER_NEO4J__PASSWORD", "geheim")
    loaded = load()
    assert loaded.configuration.neo4j.secret() == "geheim"
    assert "geheim" not in repr(loaded) + str(list(loaded.lines())) + str(loaded.configuration)
    file.write_text("other")
    monkeypatch.setenv("RESOLVER_NEO4J__PASSWORD_FILE", str(file))
    with pytest.raises(ConfigError, match=r"^neo4j: password and password_file are both set"):
        load()


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"pool": 0}, "neo4j.pool: "),
        ({"patience_seconds": 0}, "neo4j.patience_seconds: "),
        ({"transaction_seconds": -1}, "neo4j.transaction_seconds: "),
        ({"host": "x"}, "neo4j.host: there is no such setting"),
        ({"password": 7}, "neo4j.password: "),
        ({"password_file": "/absent/geheim"}, "neo4j.password_file: /absent/geheim: cannot be read"),
        ({"password_file": "/dev/null"}, "neo4j.password_file: /dev/null: its first line is empty"),
    ],
)
def test_what_is_wrong_about_a_server_names_its_key(section: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {"neo4j": section})
    assert str(caught.value).startswith(problem)
