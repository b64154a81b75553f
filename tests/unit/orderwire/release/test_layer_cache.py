"""A layer is packed once of the same sources, and anew of any others."""

import pytest

from orderwire.console.problem import Problem
from orderwire.release.packaging.layer_cache import KEPT, cached_layer

NAME = "managed-layer-1-python3.11.zip"


def sources(folder, **files):
    for name, text in files.items():
        path = folder / "vendor" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def pack(copy, root, content="packed"):
    """What Chalice finds of its layer in a clean copy; it then packs what it lacks."""
    with cached_layer(copy, root):
        layer = copy / KEPT / NAME
        found = layer.read_text() if layer.exists() else None
        layer.parent.mkdir(parents=True, exist_ok=True)
        layer.write_text(found or content)
    return found


def kept(root):
    return sorted(path.read_text() for path in (root / KEPT).rglob("*.zip"))


def test_the_same_sources_are_packed_once(tmp_path):
    assert pack(sources(tmp_path / "one", a="1", b="2"), tmp_path) is None
    assert pack(sources(tmp_path / "two", a="1", b="2"), tmp_path) == "packed"


@pytest.mark.parametrize("files", [{"a": "1", "b": "3"}, {"a": "1", "c": "2"}, {"a": "2", "b": "1"}, {"a": "1"}])
def test_other_content_another_name_or_a_file_less_is_packed_anew(tmp_path, files):
    pack(sources(tmp_path / "one", a="1", b="2"), tmp_path)
    assert pack(sources(tmp_path / "two", **files), tmp_path, "other") is None
    assert kept(tmp_path) == ["other"]


def test_what_failed_is_not_kept(tmp_path):
    copy = sources(tmp_path / "one", a="1")

    def fail():
        with cached_layer(copy, tmp_path):
            (copy / KEPT).mkdir(parents=True)
            (copy / KEPT / NAME).write_text("half")
            raise Problem("chalice package failed")

    with pytest.raises(Problem):
        fail()
    assert kept(tmp_path) == []
    assert pack(sources(tmp_path / "two", a="1"), tmp_path) is None


def test_a_copy_that_packs_no_layer_leaves_what_is_kept(tmp_path):
    pack(sources(tmp_path / "one", a="1"), tmp_path)
    with cached_layer(sources(tmp_path / "two", a="2"), tmp_path):
        pass
    assert kept(tmp_path) == ["packed"]
