"""Snowflake's protocol as snowflake-sdk speaks it: login, queries, kept results, chunks.

fakesnow's own server answers in Arrow only, and has neither kept results nor chunks, asynchronous queries or checked credentials.
What is here was checked by the client itself (snowflake-sdk 3.3), not by a real account.

Environment: PORT, USERS (JSON: name -> password, token, publicKeyPem, settings), ROWS (a file of the standard rows).
`/standin/…` brings the server into states that a test needs.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import secrets
import time
from email.utils import formatdate

import engine
from engine import FAKESNOW, QUERIES, Query, Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

USERS = json.loads(os.environ["USERS"])
ROLES = {"READER", "WRITER", "OUTSIDER", "MEMBER", "GUEST"}
LONG_POLL_SECONDS = 5
SESSION_SECONDS = 3600
SESSIONS: dict[str, Session] = {}
MASTERS: dict[str, Session] = {}
state = {"clock": 0.0, "break": 0, "urls": 0, "busy": False, "arrow": False, "withhold": False}


def now() -> float:
    return time.time() + state["clock"]


def success(data: dict | None = None, code: str | None = None) -> JSONResponse:
    return JSONResponse({"success": True, "code": code, "message": None, "data": data}, headers={"date": formatdate(now(), usegmt=True)})


def refused(code: str, message: str, data: dict | None = None) -> JSONResponse:
    body = {"success": False, "code": code, "message": message, "data": data or {}}
    return JSONResponse(body, headers={"date": formatdate(now(), usegmt=True)})


async def body_of(request: Request) -> dict:
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return json.loads(body) if body else {}


def check_key_pair(token: str, public_key: str) -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    def decode(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    head, claims, signature = token.split(".")
    key = serialization.load_pem_public_key(public_key.encode())
    key.verify(decode(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    told = json.loads(decode(claims))
    # snowflake-sdk writes milliseconds, where RFC 7519 has seconds.
    issued = told["iat"] / 1000 if told["iat"] > 10**11 else told["iat"]
    if abs(issued - now()) > 60:
        raise ValueError("issued at another time")


def login_fault(data: dict, user: dict) -> JSONResponse | None:
    way = (data.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
    if way == "SNOWFLAKE_JWT":
        try:
            check_key_pair(data["TOKEN"], user["publicKeyPem"])
        except Exception:  # noqa: BLE001
            return refused("390144", "JWT token is invalid.")
    elif way in ("OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"):
        if data.get("TOKEN") != user.get("token"):
            return refused("390303", "Invalid OAuth access token.")
    elif not user.get("password") or data.get("PASSWORD") != user["password"]:
        return refused("390100", "Incorrect username or password was specified.")
    return None


async def login(request: Request) -> Response:
    data = (await body_of(request))["data"]
    name = (data.get("LOGIN_NAME") or "").lower()
    user = USERS.get(name, {})
    if fault := login_fault(data, user):
        return fault
    asked = request.query_params
    role = asked.get("roleName", "READER").upper()
    if role not in ROLES:
        return refused("390189", f"Role '{role}' specified in the connect string does not exist or not authorized.")
    database, schema = (asked.get(key, "").upper() or None for key in ("databaseName", "schemaName"))
    there = database if database == "DB1" else None
    connection = await run_in_threadpool(FAKESNOW.connect, there, schema if there and schema == "S1" else None)
    session = Session(
        connection, name, role, asked.get("warehouse", "").upper(), secrets.token_urlsafe(32), secrets.token_urlsafe(32),
        dict(user.get("settings", {})), time.time() + SESSION_SECONDS,
    )
    SESSIONS[session.token] = MASTERS[session.master] = session
    return success({
        "token": session.token, "masterToken": session.master, "validityInSeconds": SESSION_SECONDS, "masterValidityInSeconds": 14_400,
        "sessionId": secrets.randbelow(10**12), "displayUserName": name.upper(), "serverVersion": "9.30.0", "firstLogin": False,
        "parameters": [], "sessionInfo": {"databaseName": there, "warehouseName": session.warehouse, "roleName": role},
    })


def token_in(request: Request) -> str:
    header = request.headers.get("authorization", "")
    return header[header.find('"') + 1 : header.rfind('"')]


def session_of(request: Request) -> Session | JSONResponse:
    session = SESSIONS.get(token_in(request))
    if session is None:
        return refused("390104", "Session token is invalid. Please re-authenticate.")
    if session.expires < time.time():
        return refused("390112", "Your session has expired. Please login again.")
    return session


async def renew(request: Request) -> Response:
    session = MASTERS.get(token_in(request))
    if session is None:
        return refused("390114", "Authentication token has expired. The user must authenticate again.")
    SESSIONS.pop(session.token, None)
    session.token, session.expires = secrets.token_urlsafe(32), time.time() + SESSION_SECONDS
    SESSIONS[session.token] = session
    return success({"sessionToken": session.token, "validityInSecondsST": SESSION_SECONDS, "masterToken": session.master,
                    "validityInSecondsMT": 14_400, "sessionId": 1})


async def end_session(request: Request) -> Response:
    session = session_of(request)
    if isinstance(session, JSONResponse):
        return session
    if request.query_params.get("delete"):
        SESSIONS.pop(session.token, None)
        MASTERS.pop(session.master, None)
        for query in QUERIES.values():
            if query.session is session:
                engine.cancel(query)
    return success()


async def submit(request: Request) -> Response:
    session = session_of(request)
    if isinstance(session, JSONResponse):
        return session
    if state["busy"]:
        return Response("busy", 503)
    asked = await body_of(request)
    query = Query(session, asked["sqlText"], ours=bool(asked.get("asyncExec")))
    session.settings.update(asked.get("parameters") or {})
    QUERIES[query.id] = query
    query.task = asyncio.create_task(engine.run(query, bool(asked.get("describeOnly"))))
    if asked.get("asyncExec"):
        return success({"queryId": query.id, "getResultUrl": f"/queries/{query.id}/result"}, "333334")
    await asyncio.wait([query.task])
    return outcome(query, request)


async def result(request: Request) -> Response:
    session = session_of(request)
    if isinstance(session, JSONResponse):
        return session
    query = QUERIES.get(request.path_params["id"])
    if query is None or query.session.user != session.user:
        return refused("000709", "Statement not found", {"sqlState": "02000"})
    if query.running:
        await asyncio.wait([query.task], timeout=LONG_POLL_SECONDS)
    return outcome(query, request)


def outcome(query: Query, request: Request) -> Response:
    if query.running:
        return success({"queryId": query.id, "getResultUrl": f"/queries/{query.id}/result"}, "333333")
    if query.error:
        return JSONResponse(query.error)
    data = dict(query.data)
    if query.chunks:
        base = f"{request.url.scheme}://{request.url.netloc}/chunks/{query.id}"
        data["qrmk"] = query.chunk_key
        data["chunks"] = [
            {"url": f"{base}/{number}?Signed={state['urls']}", "rowCount": count, "uncompressedSize": count * 100, "compressedSize": count * 40}
            for number, (_, count) in enumerate(query.chunks)
        ]
        if state["withhold"]:
            data["chunks"].pop()
    if state["arrow"] and request.method == "GET":
        data = {"queryResultFormat": "arrow", "rowtype": data["rowtype"], "rowsetBase64": "/////w==", "total": data["total"]}
    return success(data)


async def chunk(request: Request) -> Response:
    """As a cloud's storage gives it: zipped, of no telling type, to whom has the key and an address that is still good."""
    query = QUERIES.get(request.path_params["id"])
    signed = request.query_params.get("Signed") == str(state["urls"])
    if query is None or not signed or request.headers.get("x-amz-server-side-encryption-customer-key") != query.chunk_key:
        return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
    body = await run_in_threadpool(engine.chunk, query, int(request.path_params["number"]))
    headers = {"content-encoding": "gzip", "content-length": str(len(body))}
    if state["break"] > 0:
        state["break"] -= 1
        return StreamingResponse(broken(body), media_type="binary/octet-stream", headers=headers)
    return Response(body, media_type="binary/octet-stream", headers=headers)


async def broken(body: bytes):
    yield body[: len(body) // 2]
    raise ConnectionResetError


async def provoke(request: Request) -> Response:
    """States that a test needs."""
    asked = await body_of(request)
    match request.path_params["what"]:
        case "forget-results":
            for key in [key for key, query in QUERIES.items() if not query.running]:
                del QUERIES[key]
        case "break":
            state["break"] = int(asked.get("times", 1))
        case "expire-urls":
            state["urls"] += 1
        case "expire-sessions":
            for session in SESSIONS.values():
                session.expires = 0
        case "forget-sessions":
            SESSIONS.clear()
            MASTERS.clear()
        case "clock":
            state["clock"] = float(asked["seconds"])
        case "warehouse":
            engine.WAREHOUSES["WH"] = asked
        case "busy" | "arrow" | "withhold" as what:
            state[what] = asked["on"]
        case "unknown-parameter":
            engine.PARAMETERS.discard(asked["name"])
        case "known-parameter":
            engine.PARAMETERS.add(asked["name"])
        case "token":
            USERS[asked["user"]]["token"] = asked["token"]
    return success()


async def running(_: Request) -> Response:
    queries = [query for query in QUERIES.values() if query.running]
    return success({"running": len(queries), "sessions": len(MASTERS), "tags": [query.session.settings.get("QUERY_TAG") for query in queries]})


async def okay(_: Request) -> Response:
    return success()


app = Starlette(routes=[
    Route("/", okay, methods=["GET", "HEAD"]),
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/session/token-request", renew, methods=["POST"]),
    Route("/session", end_session, methods=["POST"]),
    Route("/session/heartbeat", end_session, methods=["POST"]),
    Route("/telemetry/send", okay, methods=["POST"]),
    Route("/telemetry/send/sessionless", okay, methods=["POST"]),
    Route("/queries/v1/query-request", submit, methods=["POST"]),
    Route("/queries/{id}/result", result, methods=["GET"]),
    Route("/chunks/{id}/{number}", chunk, methods=["GET"]),
    Route("/standin/running", running),
    Route("/standin/{what}", provoke, methods=["POST"]),
])

if __name__ == "__main__":
    import uvicorn

    engine.load(os.environ["ROWS"])
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", date_header=False)
