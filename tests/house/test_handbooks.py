"""Every name that a handbook quotes is a name of the product, and one that its reader may press."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst

from config import messages
from config.handbooks.reading import blocks_of, inline, part_of, title_of
from config.handbooks.views import FIRST_DAY, FOLDER, HANDBOOKS, NAMES
from ledger.doors.admin import site
from ledger.kernel.actors import Actor
from reporting.desk.navigation import GROUPS, PAGES
from tests.house.walk import signed_in

QUOTED = re.compile(r"\*\*(.+?)\*\*")
SOMEBODY = UUID(int=7)


def text_of(name):
    return (FOLDER / f"{name}.md").read_text("utf-8")


def quoted(line):
    """Names in bold, without what ends a sentence."""
    return [one.rstrip(".。:：") for one in QUOTED.findall(line)]


def said(text, language):
    with translation.override(language):
        return str(text)


def lists_and_pages():
    """What the side bar says."""
    for model in apps.get_models():
        if model.__module__.partition(".")[0] in messages.STOREYS:
            yield model._meta.verbose_name_plural
    yield from (title for title, _rooms in GROUPS)
    yield from (title for pages in PAGES.values() for title, _icon, _address in pages)


def acts():
    for admin in site._registry.values():
        yield from (kind() for kind in (*admin.list_actions, *admin.confirmed_actions))


@pytest.fixture(scope="module")
def names():
    """English name → its Chinese ones. A name of a list or an act goes before a sentence."""
    messages.compile_all()
    known = defaultdict(set)
    for told in (*lists_and_pages(), *(act.title for act in acts())):
        known[capfirst(said(told, "en"))].add(capfirst(said(told, "zh-hans")))
    sentences = defaultdict(set)
    for one in messages.sentences():
        if not one.context:
            with translation.override("zh-hans"):
                sentences[capfirst(one.text)].add(capfirst(translation.gettext(one.text)))
    return {**sentences, **known}


def steps(name, language):
    """All lines of a handbook's half that quote names: (where, names)."""
    blocks = blocks_of(part_of(text_of(name), language))
    return [quoted(line) for block in blocks for line in block.lines if block.kind != "code"]


@pytest.mark.parametrize("name", NAMES)
def test_a_handbook_quotes_only_names_that_the_pages_say(name, names):
    for english in steps(name, "en"):
        assert [one for one in english if capfirst(one) not in names] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_name_the_same_things_step_by_step(name, names):
    english, chinese = steps(name, "en"), steps(name, "zh-hans")
    assert len(english) == len(chinese)
    assert sum(map(len, english)) >= 5
    for ours, theirs in zip(english, chinese, strict=True):
        left = Counter(capfirst(one) for one in theirs)
        for one in ours:
            fits = [word for word in names[capfirst(one)] if left[word]]
            assert fits, (one, sorted(names[capfirst(one)]), theirs)
            left[fits[0]] -= 1
        assert not +left, (ours, theirs)


@pytest.mark.parametrize(("role", "name"), HANDBOOKS.items())
def test_what_a_handbook_tells_its_reader_to_press_she_may(role, name):
    offered = defaultdict(list)
    for act in acts():
        offered[capfirst(said(act.title, "en"))].append(act)
    actor = Actor(user_id=SOMEBODY, party_id=SOMEBODY, roles=frozenset({role}))
    told = {capfirst(one) for line in steps(name, "en") for one in line}
    closed = [one for one in told & set(offered) if not any(act.may(actor) for act in offered[one])]
    assert sorted(closed) == []


def test_the_readme_leads_to_every_handbook():
    readme = (Path(FOLDER).parents[1] / "README.md").read_text("utf-8")
    assert [name for name in NAMES if f"docs/how-to/{name}.md" not in readme] == []


READERS = {
    "manager": "carbon-manager", "approver": "approver", "data": "data-officer",
    "fund": "fund-manager", "verifier": "verifier", "bank": "bank", "auditor": "auditor",
    "admin": "administrator",
}  # fmt: skip


@pytest.mark.parametrize(("login", "name"), READERS.items())
def test_everybody_is_led_to_her_own_handbook_in_her_language(demo_db, login, name):
    client = signed_in(login)
    for language in ("zh-hans", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get("/help/", follow=True)
        assert page.redirect_chain[-1][0] == f"/help/{name}/"
        assert f"<h1>{title_of(text_of(name), language)}</h1>" in page.content.decode()
        assert "**" not in page.content.decode()


def test_a_stranger_reads_none_and_what_is_no_handbook_is_not_there(demo_db):
    assert Client(SERVER_NAME="localhost").get("/help/").headers["Location"].startswith("/sign-in/")
    client = signed_in("manager")
    assert client.get(f"/help/{FIRST_DAY}/").status_code == 200
    assert client.get("/help/api/").status_code == 404


def test_what_a_handbook_says_is_text_and_never_markup():
    assert inline("a <b>**Lock**</b> & `<i>`") == (
        "a &lt;b&gt;<strong>Lock</strong>&lt;/b&gt; &amp; <code>&lt;i&gt;</code>"
    )
    told = list(blocks_of("One\ntwo.\n\n1. 一，\n   二\n2. b\n\n```sh\nls <x>\n```"))
    assert [(one.kind, one.lines) for one in told] == [
        ("text", ["One two."]), ("steps", ["一，二", "b"]), ("code", ["ls <x>"]),
    ]  # fmt: skip
    assert told[-1].shown == ["ls &lt;x&gt;"]
