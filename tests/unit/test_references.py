"""The bibliography is complete, readable, and never cites what it does not have."""

import os
import re

import pytest

from brianmem import references
from brianmem.errors import InputError
from brianmem.references import bibtex, cite, is_known, library, plain_text, read_bibtex


@pytest.fixture
def bib(tmp_path):
    def write(text):
        path = tmp_path / "own.bib"
        path.write_text(text, encoding="utf-8")
        return path
    return write


def test_reads_braces_quotes_and_numbers(bib):
    entry = read_bibtex(bib("""
    @Article{Key2020, author = "Doe, Jane and Roe, Richard", title={The {VTEAM} {model},
        twice}, year = 2020, volume=7}
    @misc{Other, note = {x}}"""))
    assert set(entry) == {"Key2020", "Other"}
    assert entry["Key2020"]["author"] == "Doe, Jane and Roe, Richard"
    assert plain_text(entry["Key2020"]["title"]) == "The VTEAM model, twice"
    assert entry["Key2020"]["year"] == "2020"
    assert entry["Key2020"]["volume"] == "7"
    assert entry["Key2020"]["type"] == "article"


@pytest.mark.parametrize(("text", "fault"), [
    ("@article{A, title = {never closed", "closing brace"),
    ('@article{A, title = "never closed}', "'title' does not end")])
def test_broken_file_is_named(bib, text, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read_bibtex(bib(text))
    assert "own.bib" in str(caught.value)


def test_unreadable_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot read the bibliography .*no\.bib"):
        read_bibtex(tmp_path / "no.bib")


@pytest.mark.parametrize(("tex", "text"), [
    (r"Su{\~n}{\'e}", "Suñé"), (r"Zden{\v{e}}k Biolkov\'a", "Zdeněk Biolková"),
    ("10--20", "10-20"), (r"A \& B", "A & B"), (r"L{\"o}we", "Löwe")])
def test_tex_becomes_text(tex, text):
    assert plain_text(tex) == text


def test_citation_reads_like_one():
    assert cite(["Miranda2020"]) == [
        "Miranda, Suñé (2020). Memristive state equation for bipolar resistive switching devices "
        "based on a dynamic balance model and its equivalent circuit representation. IEEE "
        "Transactions on Nanotechnology 19, 837-840. https://doi.org/10.1109/TNANO.2020.3039391"]


def test_many_authors_are_shortened():
    assert cite(["Hazan2018"])[0].startswith("Hazan et al. (2018).")


def test_order_is_kept_and_repeats_are_dropped():
    lines = cite(["Strukov2008", "Biolek2009", "Strukov2008"])
    assert [line.split(",")[0] for line in lines] == ["Strukov", "Biolek"]


@pytest.mark.parametrize("doi", ["10.1038/nature06932", "doi:10.1038/nature06932",
                                 "https://doi.org/10.1038/nature06932"])
def test_a_doi_needs_no_entry(doi):
    assert is_known(doi)
    assert cite([doi]) == ["https://doi.org/10.1038/nature06932"]
    assert "doi = {10.1038/nature06932}" in bibtex([doi])


def test_unknown_key_is_an_error_with_a_suggestion():
    assert not is_known("Strukow2008")
    with pytest.raises(InputError, match="Did you mean 'Strukov2008'"):
        cite(["Strukow2008"])
    with pytest.raises(InputError, match="no reference 'nobody'"):
        bibtex(["nobody"])


def test_bibtex_output_can_be_read_again(bib):
    again = read_bibtex(bib(bibtex(library())))
    assert again == library()


def test_user_bibliography_is_found_beside_the_device(tmp_path, monkeypatch):
    (tmp_path / "mine.bib").write_text("@article{Mine2030, author={Me, A.}, title={T}}")
    monkeypatch.setenv("BRIANMEM_PATH", os.pathsep.join(["", str(tmp_path), "no such folder"]))
    assert cite(["Mine2030"]) == ["Me. T"]
    monkeypatch.delenv("BRIANMEM_PATH")
    assert not is_known("Mine2030")


@pytest.mark.parametrize("key", sorted(references.library()))
def test_every_entry_of_ours_is_complete(key):
    entry = library()[key]
    assert {"author", "title"} <= entry.keys()
    if entry["type"] == "article":
        # What could not be confirmed is left out, and said.
        needed = {"journal", "year"} if "confirmed" in entry.get("note", "") else \
            {"journal", "year", "volume", "pages"}
        assert needed <= entry.keys()
    assert entry.get("year", key[-4:]) == key[-4:]
    assert re.fullmatch(r"10\.\d{4,9}/\S+", entry.get("doi", "10.1234/x"))


def test_no_two_entries_share_a_doi():
    dois = [e["doi"].lower() for e in library().values() if "doi" in e]
    assert len(dois) == len(set(dois))


def test_every_reference_of_our_models_is_in_the_bibliography():
    from pathlib import Path

    import brianmem.models.devices as devices

    text = "".join(p.read_text() for p in Path(devices.__path__[0]).glob("*.py"))
    groups = re.findall(r"references=\(([^)]*)\)", text)
    keys = {key for group in groups for key in re.findall(r'"([^"]+)"', group)}
    assert keys
    assert [key for key in keys if not is_known(key)] == []
