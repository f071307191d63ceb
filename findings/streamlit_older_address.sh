#!/usr/bin/env bash
# Streamlit 1.67.0: a click that was on its way takes back a query parameter that the server has just set.
#
# Expected: what a script writes into st.query_params stays until a script or the person changes it; a page and the
# address above it agree.
# Seen: every request carries the address that the browser had when it was sent, and the run believes it. A button sets
# ?filter=wrong; a click on a button in a fragment follows before that address has reached the browser. Its
# st.rerun() runs the whole page without the filter. The browser is told nothing: its address says filter=wrong, the
# page says none, and it depends on the network which of two clicks a second apart survives. The same click, sent under
# the new address, keeps the filter.
# Matters: pages whose state is the address (links, Back) lose a filter that is chosen right after a tag. Let
# what the browser sends say which address it was sent under, and take the server's own where nobody has gone Back.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: streamlit==1.67.0 websockets==17.4
cd "$room"
cat >app.py <<'PYTHON'
import streamlit as st


def choose():
    st.query_params["filter"] = "wrong"


st.button("choose", on_click=choose)


@st.fragment
def part():
    if st.button("count"):
        st.rerun()


part()
st.write("filter is", st.query_params.get("filter", "none"))
PYTHON
cat >client.py <<'PYTHON'
import asyncio
import socket
import subprocess
import sys
import time
import urllib.request

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

QUIET = 1.5  # seconds without a message after which a run and those that it asks for are over


def request(address, button=None, fragment=""):
    """What a browser at ``address`` sends when a button is clicked, or when the page is opened."""
    message = BackMsg()
    message.rerun_script.query_string = address
    if button:
        message.rerun_script.fragment_id = fragment
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = button, True
    return message.SerializeToString()


async def answer(connection):
    """The address that the browser is told, the text of the page, and its buttons by label: id, fragment."""
    address, text, buttons = None, None, {}
    while True:
        try:
            received = await asyncio.wait_for(connection.recv(), QUIET if text else 30)
        except asyncio.TimeoutError:
            return address, text, buttons
        message = ForwardMsg.FromString(received)
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            address = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "markdown":
                text = element.markdown.body
            elif element.WhichOneof("type") == "button":
                buttons[element.button.label] = (element.button.id, message.delta.fragment_id)


async def seen(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=None) as connection:
        await connection.send(request(""))
        _, opened, buttons = await answer(connection)
        await connection.send(request("", buttons["choose"][0]))
        told, chosen, _ = await answer(connection)
        await connection.send(request("", *buttons["count"]))
        told_again, older, _ = await answer(connection)
        await connection.send(request(told, *buttons["count"]))
        _, newer, _ = await answer(connection)
    return opened, chosen, told, older, told_again, newer


with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
           "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").close()
            break
        except OSError:
            time.sleep(0.1)
    opened, chosen, told, older, told_again, newer = asyncio.run(seen(port))
finally:
    server.terminate()
    server.wait()
print("opened:                         ", opened)
print("chosen:                         ", chosen, "- the browser is sent to", told)
print("clicked under the older address:", older, "- the browser is sent to", told_again)
print("clicked under the newer address:", newer)
assert (opened, chosen, told) == ("filter is none", "filter is wrong", "filter=wrong"), (opened, chosen, told)
assert (older, told_again, newer) == ("filter is none", None, "filter is wrong"), (older, told_again, newer)
PYTHON
HOME="$room" "$room/venv/bin/python" client.py
