"""The page of PDFs as Streamlit runs it: errors name the file as the user does, a password opens it."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pdf_files import ENGLISH, fpdf2
from shipped_fonts import LATIN, build
from streamlit.testing.v1 import AppTest

from app.pdf import data
from glyphcore.errors import PdfError

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")
PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    build(LATIN, folder / "font.ttf")
    fpdf2(ENGLISH, folder / "font.ttf", folder / "whole.pdf")
    return folder / "whole.pdf"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FONTS", "UPLOADS", "DB", "RESULTS"):
        monkeypatch.setenv(f"GLYPHCORE_{variable}", str(tmp_path / variable.lower()))
    monkeypatch.setattr(data, "WAIT_SECONDS", 120.0)


def opened(key: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=150)
    app.run()
    app.switch_page("pdf/page.py")
    app.query_params["pdf"] = key
    return app.run()


def shown(app: AppTest) -> str:
    return " ".join(each.proto.body for each in app.get("html"))


def viewers(app: AppTest) -> list[object]:
    return [each for each in app.get("bidi_component") if each.key == "pdf_viewer"]


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"text", "is not a PDF")])
def test_what_is_no_pdf_is_refused_in_a_line(content: bytes, said: str) -> None:
    with pytest.raises(PdfError, match=f"my thesis.pdf {said}. Choose another file."):
        data.keep("my thesis.pdf", content)


def test_a_file_that_is_cut_off_is_said_by_its_own_name(whole: Path, capfd: pytest.CaptureFixture[str]) -> None:
    read = whole.read_bytes()
    key = data.keep("my thesis.pdf", read[: read.index(b"/BaseFont")])
    app = opened(key)
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("my thesis.pdf is damaged, its end is missing")
    assert not any(key in each.value for each in app.code), "the details do not name the stored file either"
    assert "no font has wrong text" not in shown(app)
    assert "Traceback" not in capfd.readouterr().err


def test_what_can_be_read_of_a_damaged_file_is_shown_with_what_is_wrong(whole: Path) -> None:
    read = whole.read_bytes()
    app = opened(data.keep("my thesis.pdf", read[: read.index(b"xref\n") + 5]))
    assert not app.error
    assert "its end is missing" in shown(app)
    assert viewers(app)


def test_a_password_is_asked_for_and_stays_in_the_session(whole: Path, tmp_path: Path) -> None:
    with pikepdf.open(whole) as book:
        book.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user=PASSWORD))
    key = data.keep("locked.pdf", (tmp_path / "locked.pdf").read_bytes())
    app = opened(key)
    assert "locked.pdf needs a password" in app.error[0].value
    assert "--password" not in app.error[0].value
    app = typed(app, "guess")
    assert "The password of locked.pdf is wrong" in app.error[0].value
    app = typed(app, PASSWORD)
    assert not app.error
    assert viewers(app)
    assert PASSWORD not in str(app.query_params)
    assert not any(PASSWORD.encode() in each.read_bytes() for each in (tmp_path / "uploads").iterdir())
    assert "needs a password" in opened(key).error[0].value, "another session is not let in by it"


def typed(app: AppTest, password: str) -> AppTest:
    app.text_input[0].input(password)
    (button,) = [each for each in app.button if each.label == "Open"]
    return button.click().run()
