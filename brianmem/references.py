"""The bibliography: what stands behind a model, and what a run should cite."""

import functools
import os
import re
import unicodedata
from pathlib import Path

from brianmem.errors import InputError, suggestion

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^\s,{}]+)\s*,")
_FIELD = re.compile(r"\s*,?\s*(\w+)\s*=\s*")
_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303",
            "v": "\u030c", "c": "\u0327"}


def read_bibtex(path):
    """Return the entries of a .bib file: key to a dict of fields.

    Every entry also has ``type`` and ``bibtex``, its source. Understands ``{...}``,
    ``"..."`` and bare numbers; neither @string nor crossref. Raises `InputError`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the bibliography {path}: {error}.") from error
    entries = {}
    for match in _ENTRY.finditer(text):
        end = _closing(text, text.index("{", match.start()), path)
        fields = _fields(text[match.end():end], f"{path}: entry '{match[2]}'")
        source = text[match.start():end + 1]
        entries[match[2]] = {**fields, "type": match[1].lower(), "bibtex": source}
    return entries


def _closing(text, start, where):
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise InputError(f"{where}: a closing brace is missing in the bibliography.")


def _fields(body, where):
    fields, position = {}, 0
    while match := _FIELD.match(body, position):
        position = match.end()
        if body[position:position + 1] == "{":
            end = _closing(body, position, where)
        elif body[position:position + 1] == '"':
            end = body.find('"', position + 1)
        else:
            end = re.compile(r"[^,]*").match(body, position).end() - 1
        if end < position:
            raise InputError(f"{where}: the value of '{match[1]}' does not end.")
        fields[match[1].lower()] = body[position:end + 1].strip('"{} \n\t')
        if body[position:end + 1].startswith("{"):
            fields[match[1].lower()] = body[position + 1:end].strip()
        position = end + 1
    return fields


@functools.lru_cache(maxsize=8)
def _library(path):
    entries = {}
    for folder in filter(None, path.split(os.pathsep)):
        for file in sorted(Path(folder).glob("*.bib")):
            entries.update(read_bibtex(file))
    # Ours last: a key means the same paper in every file that we ship.
    return {**entries, **read_bibtex(Path(__file__).with_name("references.bib"))}


def library():
    """Return our entries and those of the .bib files in the folders of $BRIANMEM_PATH."""
    return _library(os.environ.get("BRIANMEM_PATH", ""))


def is_known(reference):
    """Tell whether `reference` is a DOI or a key of the bibliography."""
    return bool(_DOI.fullmatch(reference)) or reference in library()


def cite(references):
    """Return one readable line per key or DOI, in order, without repeats.

    Raises `InputError` for a key that no bibliography has.
    """
    return [_line(reference) for reference in dict.fromkeys(references)]


def bibtex(references):
    """Return the BibTeX source of the keys and DOIs, in order, without repeats."""
    return "\n\n".join(_source(reference) for reference in dict.fromkeys(references)) + "\n"


def _line(reference):
    if match := _DOI.fullmatch(reference):
        return f"https://doi.org/{match[1]}"
    entry = _entry(reference)
    issue = " ".join(plain_text(entry.get(k, "")) for k in ("volume", "pages")).strip()
    issue = re.sub(r"^(\S+) (\S+)$", r"\1, \2", issue)
    venue = plain_text(entry.get("journal") or entry.get("booktitle") or entry.get("howpublished", ""))
    year = f" ({entry['year']})" if "year" in entry else ""
    link = f"https://doi.org/{entry['doi']}" if "doi" in entry else entry.get("url", "")
    parts = [f"{_authors(entry)}{year}", plain_text(entry.get("title", "")),
             f"{venue} {issue}".strip(), link]
    return ". ".join(part for part in parts if part)


def _authors(entry):
    people = re.split(r"\s+and\s+", plain_text(entry.get("author", "anonymous")))
    names = [p.split(",")[0].strip() if "," in p else p.split()[-1] for p in people]
    return f"{names[0]} et al." if len(names) > 4 else ", ".join(names)


def _source(reference):
    if match := _DOI.fullmatch(reference):
        key = re.sub(r"\W+", "_", match[1])
        return f"@misc{{{key},\n  doi = {{{match[1]}}},\n}}"
    return _entry(reference)["bibtex"]


def _entry(key):
    if key not in library():
        raise InputError(f"no reference '{key}' in the bibliography{suggestion(key, library())} "
                         "Add it to a .bib file beside the device, or give a DOI.")
    return library()[key]


def plain_text(tex):
    r"""Turn TeX accents and braces into plain text: ``Su{\~n}{\'e}`` is "Suñé"."""
    text = re.sub(r"\\(['`\"^~]|[vc](?=[{\s]))\s*\{?(\w)\}?",
                  lambda m: unicodedata.normalize("NFC", m[2] + _ACCENTS[m[1]]), tex)
    return re.sub(r"\s+", " ", re.sub(r"[{}]", "", text).replace("--", "-").replace(r"\&", "&")).strip()
