#!/usr/bin/env bash
# Streamlit 1.67.0, runner.fastReruns off: a whole page is drawn inside the fragment that ran before it.
#
# Expected: a run of the whole script starts at the top of the page, whatever ran before.
# Seen: a fragment's run sets the stack of containers in which it was declared and leaves it set. That harms nothing
# while the next run has a thread of its own. A request that arrives after a fragment's last line and before its thread
# has ended is run on the same thread: the first element of the page goes into the fragment's container instead of the
# first place, and everything else beside it. Runs that are interrupted are put right; runs that end are not.
# Matters: a click on something and at once on a link to another page is enough, the sooner the busier the server is.
# What the page drew before stays and the browser may find no such place. Set the stack back at the top of the script.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: streamlit==1.67.0 websockets==17.4
cd "$room"
cat >app.py <<'PYTHON'
import streamlit as st


if "note 0" not in st.session_state:  # Streamlit goes through all keys after every run, so that moment lasts
    for i in range(200_000):
        st.session_state[f"note {i}"] = ""


@st.fragment
def part():
    st.button("count")


st.write("first line of the page")
with st.container():
    part()
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

QUIET = 1.0  # seconds without a message after which all runs are over


def request(button=None, fragment=""):
    """What a browser sends when a button of a fragment is clicked, or when the whole page is asked for."""
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    if button:
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = button, True
    return message.SerializeToString()


async def answer(connection):
    """Where the first line of the page is drawn, and the button with its fragment."""
    path, button = None, None
    while True:
        try:
            received = await asyncio.wait_for(connection.recv(), QUIET if path else 60)
        except asyncio.TimeoutError:
            return path, button
        message = ForwardMsg.FromString(received)
        if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
            kind = message.delta.new_element.WhichOneof("type")
            if kind == "markdown":
                path = list(message.metadata.delta_path)
            elif kind == "button":
                button = (message.delta.new_element.button.id, message.delta.fragment_id)


async def seen(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=None) as connection:
        await connection.send(request())
        opened, button = await answer(connection)
        for delay in (3.0, *(step * 0.05 for step in range(60))):
            await connection.send(request(*button))
            await asyncio.sleep(delay)
            await connection.send(request())
            path, button = await answer(connection)
            if delay == 3.0:
                later = path
            elif path != opened:
                break
    return opened, later, path, delay



with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
           "--server.address=127.0.0.1", "--browser.gatherUsageStats=false", "--runner.fastReruns=false"]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").close()
            break
        except OSError:
            time.sleep(0.1)
    opened, later, inside, delay = asyncio.run(seen(port))
finally:
    server.terminate()
    server.wait()
print("first line of the page, opened:               at", opened)
print("asked for again, 3 seconds after the fragment: at", later)
print(f"asked for again, {delay:.2f} seconds after it:     at", inside)
assert opened == later == [0, 0], (opened, later)
assert inside[:2] == [0, 1] and len(inside) > 2, inside
PYTHON
HOME="$room" "$room/venv/bin/python" client.py
