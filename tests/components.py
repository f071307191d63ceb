"""What components of the app were given, as AppTest sees it."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def drawn(app: AppTest, key: str) -> dict[str, Any]:
    """The data of a component; what a parcel on show holds and how it is looked at, as if it were not wrapped."""
    (component,) = [each for each in app.get("bidi_component") if each.key == key]
    data = json.loads(component.proto.json)
    return data | (data.get("shown") or {}).get("whole", {}) | data.get("view", {}) | data.get("said", {})
