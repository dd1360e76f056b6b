"""Request bodies: from memory, from files, as multipart; and where the server refuses them."""

from __future__ import annotations

import hashlib
import socket
from email import message_from_bytes
from pathlib import Path

import pytest
from support.drive import once
from support.raw_server import answering, raw_server, read_head

BIG = b"0123456789abcdef" * 1_000_000
"""Larger than any socket buffer."""


def digesting(connection: socket.socket, _: int) -> None:
    """Answers each upload with its length and digest."""
    while head := read_head(connection):
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split()[0])
        digest, received = hashlib.sha256(body), len(body)
        while received < length:
            piece = connection.recv(1 << 20)
            digest.update(piece)
            received += len(piece)
        answer = f"{received} {digest.hexdigest()}".encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)


@pytest.mark.parametrize("kind", ["bytes", "file"])
def test_an_upload_larger_than_the_socket_buffer_arrives_whole(kind, tmp_path):
    (tmp_path / "big.bin").write_bytes(BIG)
    data = BIG if kind == "bytes" else tmp_path / "big.bin"

    async def upload(user):
        return [(await user.post("/", data=data, name="upload")).text for _ in range(2)]

    with raw_server(digesting) as server:
        run = once(upload, target=server.url)
        assert server.connections == 1
    assert run.value == [f"{len(BIG)} {hashlib.sha256(BIG).hexdigest()}"] * 2
    step = run.step("upload")
    assert 2 * len(BIG) < step.bytes_sent < 2 * len(BIG) + 2000
    assert step.measures["send"].maximum <= step.measures["service"].maximum


def test_an_empty_file_is_an_empty_body(calibration, tmp_path):
    (tmp_path / "empty").touch()

    async def upload(user):
        return (await user.put("/echo", data=tmp_path / "empty")).json()

    echo = once(upload, target=calibration).value
    assert (echo["body_bytes"], echo["headers"]["content-length"]) == (0, "0")


def test_a_missing_file_is_an_error_of_the_scenario(calibration):
    async def upload(user):
        try:
            await user.put("/echo", data=Path("/no/such/file"))
        except OSError as error:
            return str(error)

    assert "/no/such/file" in once(upload, target=calibration).value


def test_json_forms_and_text_carry_their_content_type(calibration):
    async def upload(user):
        answers = [
            await user.post("/echo", json={"a": [1, "é"]}),
            await user.post("/echo", data={"q": "a b&c", "n": 1}),
            await user.post("/echo", data="words"),
        ]
        return [(a.json()["headers"]["content-type"], a.json()["body"]) for a in answers]

    assert once(upload, target=calibration).value == [
        ("application/json", '{"a":[1,"é"]}'),
        ("application/x-www-form-urlencoded", "q=a+b%26c&n=1"),
        ("text/plain; charset=utf-8", "words"),
    ]


def test_files_and_fields_go_as_multipart(calibration, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"PNG bytes")

    async def upload(user):
        files = {"photo": tmp_path / "photo.png", "note": ("n.txt", b"text", "text/x-note")}
        return (await user.post("/echo", data={"title": "a title"}, files=files)).json()

    echo = once(upload, target=calibration).value
    kind = f"Content-Type: {echo['headers']['content-type']}\r\n\r\n"
    parts = message_from_bytes((kind + echo["body"]).encode()).get_payload()
    assert [
        (p.get_param("name", header="content-disposition"), p.get_filename(), p.get_content_type(),
         p.get_payload())
        for p in parts
    ] == [
        ("title", None, "text/plain", "a title"),
        ("photo", "photo.png", "image/png", "PNG bytes"),
        ("note", "n.txt", "text/x-note", "text"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["bytes", "file"])
def test_a_refused_upload_gets_its_answer_and_the_connection_is_not_used_again(kind, tmp_path):
    (tmp_path / "big.bin").write_bytes(BIG)
    data = BIG if kind == "bytes" else tmp_path / "big.bin"
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"

    async def upload(user):
        return [(await user.post("/", data=data)).status, (await user.get("/")).status]

    def refusing(connection: socket.socket, _: int) -> None:
        if read_head(connection).startswith(b"POST"):
            connection.sendall(refusal)
            connection.recv(1)
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with raw_server(refusing) as server:
        assert once(upload, target=server.url).value == [413, 200]
        assert server.connections == 2


def test_a_delete_and_a_get_without_body_have_no_content_length():
    async def visit(user):
        await user.get("/")
        await user.post("/")

    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with raw_server(answering(ok, ok)) as server:
        [(get, _), (post, _)] = once(visit, target=server.url).exchanges
    assert b"Content-Length" not in get
    assert b"Content-Length: 0\r\n" in post
