"""The web application: pages, uploads, the WebSocket that carries state and requests, and the one for the stop."""

import asyncio
import contextlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from stringart._version import __version__
from stringart.board.boards import drawn_shapes
from stringart.errors import BoardError, StringartError
from stringart.files import write_atomically
from stringart.hand.trouble import TROUBLES
from stringart.plan.model import Plan
from stringart.studio.controls import controls_for_page, presets_for_page
from stringart.studio.desk import EXAMPLES, Desk, as_json, example_photo
from stringart.studio.exports import offered
from stringart.studio.hub import Hub, OpenPage
from stringart.studio.look_row import LookRow
from stringart.studio.machine_room import MachineRoom
from stringart.studio.own_list import OwnList
from stringart.studio.project import Project
from stringart.studio.rooms import ExportRoom, Shelf, WindingRoom
from stringart.studio.settings import sides_of_file
from stringart.studio.worker import Worker
from stringart.words import LANGUAGES, chosen, table

MAX_PHOTO_BYTES, MAX_PLAN_BYTES, MAX_MAP_BYTES, MAX_OUTLINE_BYTES = 60 * 2**20, 32 * 2**20, 8 * 2**20, 2 * 2**20
_CHUNK_PATIENCE_S, _SEND_PATIENCE_S = 20.0, 15.0
_OF_PLAYER = ("light.js", "awake.js")
"""What the page takes of the player: one painter of threads, one way to keep the screen awake."""
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
          ".svg": "image/svg+xml"}  # fmt: skip
_THUMB_PX = 480
_PICTURE_PX, _REAL_PX = 2000, 1400
_DESIGN = "stringart.search.pipeline:design_events"


BEAT_S, MOST_BEATS_LATE = 1.0, 3
"""How often the pages hear that the connection is alive; how old a request may be that moves something."""
TAKEN_LATE = frozenset(
    {
        "ports",
        "pause",
        "hold",
        "stop",
        "cancel_jog",
        "check",
        "prepare",
        "forget_touches",
        "answers",
        "keep_profile",
        "raw",
    }
)
"""What may come late: it moves nothing, or ends a move."""
_TOLD_WHEN_DONE = frozenset({"keep"})
_OF_ONE_PAGE = frozenset({"wind_open", "wind", "wind_close"})


class Studio:
    """Everything behind the page.

    Parameters
    ----------
    project : Project
    lan_url : str
        Address for other devices; empty on the loopback alone.
    design : str
        ``module:function`` that searches.
    """

    def __init__(self, project: Project, lan_url: str = "", design: str = _DESIGN) -> None:
        self.project, self.hub = project, Hub()
        self.searcher, self.helper = Worker("stringart search", design), Worker("stringart helper", design)
        self.exporter = Worker("stringart export", design)  # begun by the first export; a film takes minutes
        self.desk = Desk(self.hub, project, self.searcher, self.helper)
        self.shelf = Shelf(self.hub, project, self.desk, self.helper)
        self.looks = LookRow(self.hub, project.folder, self.helper)
        self.own_list = OwnList(self.hub)
        self.exports = ExportRoom(self.hub, project, self.exporter)
        self.winding = WindingRoom(self.hub, project)
        self.machine = MachineRoom(self.hub, project, self.helper)
        self._thumbs = asyncio.Lock()
        self.hub.update(
            controls=controls_for_page(), presets=presets_for_page(), version=__version__, folder=str(project.folder),
            exporters=[], lan=lan_url, troubles=[asdict(one) for one in TROUBLES],
            warm=False, warming={"done": 0, "total": 0}, examples=list(EXAMPLES),
        )  # fmt: skip
        self.requests: dict[str, Callable[..., Awaitable[None]]] = {
            "set": self.desk.set, "undo": self.desk.undo, "redo": self.desk.redo, "example": self.desk.example,
            "search": self.desk.again, "stop": self.desk.stop, "reorder": self.desk.reorder,
            "choose_threads": self.desk.choose_threads, "looks": self.show_looks,
            "keep_threads": self.own_list.keep, "forget_thread": self.own_list.forget,
            "name_thread": self.desk.name_thread,
            "keep": self.shelf.keep, "open": self.shelf.open, "star": self.shelf.star, "rename": self.shelf.rename,
            "delete": self.shelf.delete, "undelete": self.shelf.undelete,
            "export": self.exports.begin, "cancel_export": self.exports.cancel,
            "wind_open": self.winding.open, "wind": self.winding.move, "wind_close": self.winding.leave,
            "machine": self.machine.ask,
        }  # fmt: skip
        self._pulse: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin the processes and make them warm."""
        self.searcher.start()
        self.helper.start()
        self.machine.console.start()
        self._warming = asyncio.create_task(self._warm())
        self._offering = asyncio.create_task(self._offer_exports())
        self._pulse = asyncio.create_task(self._keep_beating())

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self.hub.next_beat()

    async def _warm(self) -> None:
        with contextlib.suppress(StringartError):
            await self.desk.count()
        with contextlib.suppress(StringartError):
            messages = self.searcher.run(
                "warm", photo=str(example_photo(EXAMPLES[0])), settings=dict(self.desk.settings)
            )
            async for kind, payload in messages:
                if kind == "progress":
                    self.hub.update(warming={"done": payload[0], "total": payload[1]})
        self.hub.update(warm=True)

    async def _offer_exports(self) -> None:
        """Tell the pages what can be exported; exporters are imported for it, which takes a moment."""
        self.hub.update(exporters=await asyncio.to_thread(offered))

    async def close(self) -> None:
        """End the processes; a running job of the machine pauses after the wrap in flight."""
        self._warming.cancel()
        self._offering.cancel()
        if self._pulse is not None:
            self._pulse.cancel()
        await self.winding.close_all()
        self.searcher.close()
        self.helper.close()
        self.exporter.close()
        await asyncio.to_thread(self.machine.console.close)

    async def obey(self, page: OpenPage, message: str) -> None:
        """Carry out a request of a page; what goes wrong is told to that page."""
        about = ""
        try:
            asked = json.loads(message)
            about = str(asked.pop("do"))[:30]
            beat, stops = asked.pop("beat", self.hub.beat), asked.pop("stops", self.machine.console.stops)
            if about == "machine" and asked.get("what") not in TAKEN_LATE:
                self._refuse_overtaken(str(asked.get("what")), int(beat), int(stops))
            mine = {"page": page} if about in _OF_ONE_PAGE else {}
            await self.requests[about](**mine, **asked)
            if about in _TOLD_WHEN_DONE:
                page.send(as_json({"type": "done", "about": about}))
        except StringartError as error:
            page.send(as_json({"type": "error", "message": str(error), "hint": error.hint, "about": about}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            text = f"a request of the page could not be read: {type(error).__name__} {str(error)[:120]}"
            page.send(as_json({"type": "error", "message": text, "hint": "load the page again", "about": about}))

    def _refuse_overtaken(self, what: str, beat: int, stops: int) -> None:
        """Refuse what was asked for some beats ago, or before an emergency stop that was faster."""
        if stops < self.machine.console.stops:
            from firmware_io.errors import OvertakenError  # 70 ms, which the page would wait for

            overtaken = OvertakenError()
            raise StringartError(str(overtaken), overtaken.hint)
        if self.hub.beat - beat > MOST_BEATS_LATE:
            late_s = (self.hub.beat - beat) * BEAT_S
            raise StringartError(
                f"the request '{what[:20]}' came {late_s:.0f} s late and was not carried out",
                "the connection was down; look where the machine is, then ask again",
            )

    async def show_looks(self) -> None:
        """Try the photo on the page in every look."""
        photo = self.desk.photo
        path = None if photo is None else self.project.photo_path(photo["sha256"])
        await self.looks.show(photo, self.desk.settings, path)

    async def take_outline(self, data: bytes, name: str) -> None:
        """Make the outline, or the pins, of a file the board.

        Raises
        ------
        StringartError
            If the file holds none, or one of a size that the studio does not take.
        """
        ending = Path(name).suffix.lower()
        if ending not in (".svg", ".csv"):
            raise BoardError(f"'{name}' is not a board", "choose an .svg file with one outline or a .csv file of pins")
        kept, is_new = await asyncio.to_thread(self.project.add_outline, data, ending)
        path = self.project.outline_path(kept)
        try:
            found = await self.helper.result("check_outline", path=str(path))
            sides = sides_of_file(name, found["width_mm"], found["height_mm"])
        except StringartError as error:
            if is_new:  # a variant may stand on a file that was here before
                path.unlink(missing_ok=True)
            raise BoardError(str(error).replace(str(path), name).replace(path.name, name), error.hint) from error
        shown = path.with_suffix(f"{path.suffix}.json")
        await asyncio.to_thread(write_atomically, shown, json.dumps(found).encode())
        outline = {"file": kept, "name": name, "pins": found["pins"], "size_mm": list(sides.values())}
        await self.desk.set({"shape": "file", "outline": outline, **sides})

    async def picture(self, plan_id: str, width_px: int, ending: str = ".png") -> Path:
        """Picture of a plan, or of the piece on its wall, painted once."""
        path = self.project.plan_path(plan_id)
        if not path.is_file():
            raise StringartError("there is no such plan")
        target = self.project.folder / "exports" / f"thumb-{plan_id}-{path.stat().st_mtime_ns}-{width_px}{ending}"
        async with self._thumbs:
            if not target.is_file():
                asked = {"plan_path": str(path), "target": str(target), "width_px": width_px, "ending": ending}
                await self.helper.result("thumbnail", **asked)
        return target


def make_app(studio: Studio) -> Starlette:
    """Return the ASGI application; put `stringart.studio.guard.Guard` in front of it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await studio.start()
        yield
        await studio.close()

    routes = [
        Route("/", _page),
        Route("/page/{name}", _page),
        Route("/words.json", _words),
        Route("/api/order", _order),
        Route("/api/exports", _exports),
        Route("/example/{name}", _example),
        Route("/photo/{digest}", _photo),
        Route("/map/{digest}", _map),
        Route("/outline/{name}", _outline),
        Route("/plan/{plan_id}", _plan),
        Route("/lines/{plan_id}", _lines),
        Route("/look/{name}", _look),
        Route("/faces/{digest}", _faces),
        Route("/thumb/{plan_id}", _thumb),
        Route("/picture/{plan_id}", _picture),
        Route("/real/{plan_id}", _real),
        Route("/export/{number:int}", _export),
        Route("/lan.svg", _lan_code),
        Route("/photo", _take_photo, methods=["POST"]),
        Route("/plan", _take_plan, methods=["POST"]),
        Route("/map", _take_map, methods=["POST"]),
        Route("/outline", _take_outline, methods=["POST"]),
        Route("/stop", _stop, methods=["POST"]),
        WebSocketRoute("/ws", _socket),
        WebSocketRoute("/ws/stop", _stop_socket),
    ]
    app = Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={StringartError: _told, ClientDisconnect: _gone}
    )
    app.state.studio = studio
    return app


def _studio(scope: Request | WebSocket) -> Studio:
    studio: Studio = scope.app.state.studio
    return studio


def _told(request: Request, error: Exception) -> Response:
    hint = error.hint if isinstance(error, StringartError) else ""
    status = 413 if isinstance(error, TooLargeError) else 422
    return JSONResponse({"message": str(error), "hint": hint}, status)


def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


# --- what is fetched ---


async def _page(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    folder = Path(str(resources.files("stringart.studio") / "page"))
    known = {path.name: path for path in folder.iterdir() if path.suffix in _TYPES}  # names are looked up, never joined
    known |= {name: Path(str(resources.files("stringart.export") / "player" / name)) for name in _OF_PLAYER}
    if name not in known:
        return Response("not here\n", 404)
    return FileResponse(known[name], media_type=_TYPES[known[name].suffix], headers={"cache-control": "no-cache"})


async def _words(request: Request) -> Response:
    """The page's words in the language that is asked for, else in one that the browser would like."""
    language = chosen(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
    told = {"language": language, "languages": LANGUAGES, "text": table(language, "page"),
            "options": table(language, "options"), "told": table(language, "told")}  # fmt: skip
    return JSONResponse(told, headers={"cache-control": "no-cache", "vary": "accept-language"})


async def _order(request: Request) -> Response:
    """What a design can be asked for, as the table of options has it; the page gets the same with its first state."""
    return JSONResponse({"controls": controls_for_page(), "presets": presets_for_page()})


async def _exports(request: Request) -> Response:
    """What can be exported, with the options that the exporters declare; the pages get the same as ``exporters``."""
    return JSONResponse(await asyncio.to_thread(offered))


async def _example(request: Request) -> Response:
    name = request.path_params["name"]
    return FileResponse(example_photo(name)) if name in EXAMPLES else Response("not here\n", 404)


async def _photo(request: Request) -> Response:
    project, digest = _studio(request).project, request.path_params["digest"]
    project.photo_path(digest)
    return FileResponse(project.folder / "photos" / f"{digest}.preview.jpeg", media_type="image/jpeg")


async def _map(request: Request) -> Response:
    path = _studio(request).project.map_path(request.path_params["digest"])
    return FileResponse(path) if path.is_file() else Response("not here\n", 404)


async def _outline(request: Request) -> Response:
    """The points of a drawn shape, or of a file in the project."""
    studio, name = _studio(request), request.path_params["name"]
    if name in drawn_shapes():
        from stringart.studio.jobs import outline_of

        return JSONResponse(await asyncio.to_thread(outline_of, name))  # the helper may be busy for seconds
    path = studio.project.outline_path(name)
    shown = path.with_suffix(f"{path.suffix}.json")
    return FileResponse(shown, media_type="application/json") if shown.is_file() else Response("not here\n", 404)


async def _plan(request: Request) -> Response:
    plan_id = request.path_params["plan_id"].removesuffix(".json")
    path = _studio(request).project.plan_path(plan_id)
    if not path.is_file():
        return Response("not here\n", 404)
    return FileResponse(path, media_type="application/json", headers={"cache-control": "no-store"})


async def _lines(request: Request) -> Response:
    """A plan and where its steps lie: ``ends`` are x, y, x, y of each as little-endian 32-bit floats, mm."""
    path = _studio(request).project.plan_path(request.path_params["plan_id"])
    if not path.is_file():
        return Response("not here\n", 404)
    body = await asyncio.to_thread(_with_lines, path)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


async def _look(request: Request) -> Response:
    """The small plan of a look, as ``/lines`` tells of a plan."""
    found = _studio(request).looks.piece(request.path_params["name"])
    return Response("not here\n", 404) if found is None else JSONResponse(found)


async def _faces(request: Request) -> Response:
    """Where faces are in the photo on the page: what is painted as important begins from them."""
    studio = _studio(request)
    photo, digest = studio.desk.photo, request.path_params["digest"]
    if photo is None or photo["sha256"] != digest:
        return Response("not here\n", 404)
    path = studio.project.photo_path(digest)
    found = await studio.helper.result("faces", path=str(path), name=photo["name"], settings=studio.desk.settings)
    return JSONResponse(found)


def _with_lines(path: Path) -> bytes:
    plan = Plan.load(path)
    return b'{"plan":%s,"ends":"%s"}' % (plan.to_bytes(), b64encode(plan.step_ends_mm.astype("<f4").tobytes()))


async def _thumb(request: Request) -> Response:
    path = await _studio(request).picture(request.path_params["plan_id"].removesuffix(".png"), _THUMB_PX)
    return FileResponse(path, media_type="image/png")


async def _picture(request: Request) -> Response:
    path = await _studio(request).picture(request.path_params["plan_id"].removesuffix(".png"), _PICTURE_PX)
    return FileResponse(path, media_type="image/png")


async def _real(request: Request) -> Response:
    """The piece as it will hang: with its nails, its board, its threads' light and shadow."""
    plan_id = request.path_params["plan_id"].removesuffix(".png")
    return FileResponse(await _studio(request).picture(plan_id, _REAL_PX, ".real.png"), media_type="image/png")


async def _export(request: Request) -> Response:
    path, name = _studio(request).exports.fetch(request.path_params["number"])
    return FileResponse(path, filename=name, headers={"cache-control": "no-store"})


async def _lan_code(request: Request) -> Response:
    import io

    import segno

    url = _studio(request).hub.state["lan"]
    if not url:
        return Response("not here\n", 404)
    file = io.BytesIO()
    segno.make(url, error="m").save(file, kind="svg", scale=6, border=2)
    return Response(file.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})


# --- what is sent ---


class TooLargeError(StringartError):
    """An upload of more bytes than are taken."""


async def _body(request: Request, limit: int) -> bytes:
    """The bytes of an upload; refused as soon as they are too many, given up if they come too slowly."""
    too_large = TooLargeError(f"this file has more than the {limit / 2**20:.0f} MB that are taken", "make it smaller")
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        raise too_large
    pieces: list[bytes] = []
    size = 0
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(_CHUNK_PATIENCE_S):
                piece = await anext(stream)
        except TimeoutError:
            raise StringartError("the upload has stopped", "try again") from None
        except StopAsyncIteration:
            return await asyncio.to_thread(b"".join, pieces)
        size += len(piece)
        if size > limit:
            raise too_large
        pieces.append(piece)


def _shown_name(request: Request) -> str:
    """The file's name as it is shown: the last part, printable, never a path."""
    name = unquote(request.headers.get("x-name", ""))
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:100].strip() or "photo"


async def _take_photo(request: Request) -> Response:
    data = await _body(request, MAX_PHOTO_BYTES)
    await _studio(request).desk.take_photo(data, _shown_name(request))
    return JSONResponse({})


async def _take_plan(request: Request) -> Response:
    data = await _body(request, MAX_PLAN_BYTES)
    await _studio(request).shelf.add_file(data, _shown_name(request))
    return JSONResponse({})


async def _take_map(request: Request) -> Response:
    data = await _body(request, MAX_MAP_BYTES)
    studio = _studio(request)
    digest, is_new = await asyncio.to_thread(studio.project.add_map, data)
    try:
        await studio.helper.result("check_map", path=str(studio.project.map_path(digest)))
    except StringartError:
        if is_new:
            studio.project.map_path(digest).unlink(missing_ok=True)
        raise
    await studio.desk.set({"map": digest, "importance": "painted"})
    return JSONResponse({"sha256": digest})


async def _take_outline(request: Request) -> Response:
    data, name = await _body(request, MAX_OUTLINE_BYTES), _shown_name(request)
    await _studio(request).take_outline(data, name)
    return JSONResponse({})


async def _stop(request: Request) -> Response:
    """The emergency stop, where its WebSocket is down."""
    _studio(request).machine.emergency_stop()
    return JSONResponse({})


# --- the WebSockets ---


async def _stop_socket(socket: WebSocket) -> None:
    """Whatever comes here stops the machine; nothing else goes this way."""
    await socket.accept()
    machine = _studio(socket).machine
    with contextlib.suppress(WebSocketDisconnect, KeyError):
        while True:
            message = await socket.receive_text()
            if message == "stop":
                machine.emergency_stop()
            await socket.send_text("sent" if message == "stop" else "here")


async def _socket(socket: WebSocket) -> None:
    """State to the page, requests from it; a request never waits for the one before."""
    studio, page = _studio(socket), OpenPage()
    await socket.accept()
    page.send(studio.hub.everything())
    for message in studio.desk.replay:
        page.send(message)
    studio.hub.pages.add(page)
    sender = asyncio.create_task(_send_backlog(socket, page))
    tasks: set[asyncio.Task[None]] = set()
    try:
        while not sender.done():
            message = await socket.receive_text()
            if len(tasks) >= 64:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(studio.obey(page, message))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    except (WebSocketDisconnect, KeyError, RuntimeError):
        pass  # the tab was closed, or sent what is not text; the machine and the search go on
    finally:
        studio.hub.pages.discard(page)
        sender.cancel()
        await asyncio.shield(studio.winding.leave(page))


async def _send_backlog(socket: WebSocket, page: OpenPage) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError, OSError):
        while (message := await page.backlog.get()) is not None:
            async with asyncio.timeout(_SEND_PATIENCE_S):
                await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))
    with contextlib.suppress(RuntimeError, OSError):
        await socket.close(1013)
