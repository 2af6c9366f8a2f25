"""The contract of the JSON interface: starts the built server with a fresh demo, makes a token through the page as a
person would, and lets schemathesis try every operation of the served description. Fails on any finding."""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

HERE = Path(__file__).parent
# The office of the province may do most; it takes dispatches in and assigns.
LOGIN, PASSWORD = "vanphong", "vungxanh2021"


def field(page, name):
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    if not found:
        raise SystemExit(f"the page has no field {name}")
    return html.unescape(found[1])


def start(folder):
    """The server and its address; the port is chosen by the machine."""
    command = [os.environ["VX_BIN"], "demo", "--data", folder, "--port", "0"]
    # Its log says what a failing case made it do.
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    for line in server.stdout:
        found = re.search(r"http://[0-9.:]+", line)
        if found:
            return server, found[0]
    raise SystemExit("the server did not start")


def token_of(base):
    browser = requests.Session()
    key = field(browser.get(f"{base}/login").text, "_key")
    browser.post(f"{base}/login", data={"login": LOGIN, "password": PASSWORD, "_key": key}).raise_for_status()
    page = browser.get(f"{base}/tokens").text
    sent = {
        "_csrf": field(page, "_csrf"),
        "_key": field(page, "_key"),
        "name": "hợp đồng API",
        "scope": "write",
        "until_on": field(page, "until_on"),
    }
    found = re.search(r"vx_[0-9a-f]{64}", browser.post(f"{base}/tokens", data=sent).text)
    if not found:
        raise SystemExit("no token was shown")
    return found[0]


def known(base, token, path, name):
    """Ids of the demo, as the interface lists them."""
    answer = requests.get(f"{base}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    answer.raise_for_status()
    return [item[name] for item in answer.json()["items"]]


def configuration(base, token, folder):
    """The settings of this folder, and ids that exist: most cases should reach a record."""
    lists = [
        ("tasks", "tasks?part=assigned&state=all&limit=40", "id", "/tasks/"),
        ("directives", "directives", "id", "/directives/"),
        ("units", "units?within=943&kind=commune", "key", "/units/"),
    ]
    lines = [(HERE / "schemathesis.toml").read_text(encoding="utf-8")]
    for name, path, field_name, _ in lists:
        values = ", ".join(f'"{value}"' for value in known(base, token, path, field_name))
        lines.append(f"[dictionaries.{name}]\nvalues = [{values}]")
    for name, _, field_name, operations in lists:
        binding = f'{{ dictionary = "{name}", probability = 0.8 }}'
        lines.append(f"[[operations]]\ninclude-path-regex = '{operations}'\n[operations.parameters]\n\"path.{field_name}\" = {binding}")
    file = Path(folder) / "schemathesis.toml"
    file.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return file


def main():
    with tempfile.TemporaryDirectory() as folder:
        server, base = start(folder)
        try:
            token = token_of(base)
            command = [
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file",
                str(configuration(base, token, folder)),
                "run",
                f"{base}/api/v1/openapi.json",
                "--header",
                f"Authorization: Bearer {token}",
                "--checks",
                "all",
                "--rate-limit",
                # Below the pace of one token: the limit itself has a test of its own.
                "45/s",
                *sys.argv[1:],
            ]
            return subprocess.run(command, cwd=folder, check=False).returncode
        finally:
            server.terminate()
            server.wait()


sys.exit(main())
