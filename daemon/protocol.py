"""The messages of the socket: every request and reply, how they are checked, and how they become bytes.

One message is one msgpack map ``{v, id, op, …fields}`` in one frame. Decoding trusts nothing: the frame,
its containers and every field have a limit, an unknown field is an error, and only :class:`ProtocolError`
leaves this module. Encoding checks by the same rules, so a bad request fails where it was made.

Imports the standard library and msgpack only, so that any client may use it.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from .figures import Suggestions
from .schema import (
    MAX_ARRAY,
    MAX_ID,
    Choice,
    Flag,
    Int,
    Items,
    Maybe,
    Plain,
    ProtocolError,
    Real,
    Record,
    Text,
    dump,
    load,
    pack,
    unpack,
)

PROTOCOL_VERSION = 1
MAX_TOKENS = 4096
MAX_K = 32

Drafter = Literal["auto", "draft", "lookup", "none"]
Origin = Literal["target", "draft", "lookup", "replay"]
Finish = Literal["end", "line", "suffix", "block", "repetition", "length", "deadline", "cancelled"]
Priority = Literal["visible", "prefetch"]
Action = Literal["answered", "shown", "accepted", "partly_accepted", "dismissed", "retained"]
Supply = Literal["model", "carried", "cache", "prefetch"]
State = Literal["loading", "ready", "unloaded", "failed"]
Outcome = Literal["done", "cancelled", "superseded", "error"]

Name = Annotated[str, Text(256)]
PathText = Annotated[str, Text(4096)]
Sentence = Annotated[str, Text(4096)]
Source = Annotated[str, Text()]
Count = Annotated[int, Int()]
Number = Annotated[float, Real()]
Share = Annotated[float | None, Maybe(Real(0.0, 1.0))]
MaybeNumber = Annotated[float | None, Maybe(Real())]
Switch = Annotated[bool, Flag()]
Facts = Annotated[dict[str, Any], Plain()]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of another file: its path, relative to the project, and its text."""

    path: PathText
    text: Source


Chunks = Annotated[tuple[Chunk, ...], Items(Record(Chunk), 64)]


@dataclass(frozen=True, slots=True)
class Hello:
    """Who is there, and in what state? Answered by Welcome at any time, without touching the engine."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Complete ``prefix`` | cursor | ``suffix``: partials if ``stream``, then Done, Superseded or Error.

    A newer request of the same connection and ``document`` supersedes an older one of equal or lower
    priority. The other fields mean what they mean in ``engine.records.Completion``.
    """

    path: PathText
    prefix: Source
    suffix: Source = ""
    document: PathText = ""
    stream: Switch = False
    priority: Annotated[Priority, Choice(get_args(Priority))] = "visible"
    language: Name = ""
    repository: Name = ""
    chunks: Chunks = ()
    max_tokens: Annotated[int, Int(1, MAX_TOKENS)] = 64
    multiline: Annotated[bool | None, Maybe(Flag())] = None
    temperature: Annotated[float, Real(0.0, 10.0)] = 0.0
    top_k: Annotated[int, Int(0, 1 << 20)] = 0
    top_p: Annotated[float, Real(1e-6, 1.0)] = 1.0
    seed: Count = 0
    drafter: Annotated[Drafter, Choice(get_args(Drafter))] = "auto"
    k: Annotated[int | None, Maybe(Int(0, MAX_K))] = None
    deadline_ms: Annotated[float | None, Maybe(Real(1.0, 600_000.0))] = None
    explain: Switch = False


@dataclass(frozen=True, slots=True)
class Warm:
    """Load the models if they are not, and the prompt into a slot. An empty prompt only loads. Answer: Ok."""

    path: PathText = ""
    prefix: Source = ""
    suffix: Source = ""
    document: PathText = ""
    language: Name = ""
    repository: Name = ""
    chunks: Chunks = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """End request ``target`` of this connection, which then gets its own terminal reply. Ok either way."""

    target: Annotated[int, Int(1)]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of a completion: ``characters`` of it were ``action``. Only counted, without text. Ok.

    ``retained``: so many ``of`` accepted characters are still there half a minute later. ``answered``: an
    editor got them ``ms`` after it asked, ``waited`` of these on purpose, from a new request (``model``), one
    that ran already (``carried``), what was suggested before (``cache``) or was asked for in advance
    (``prefetch``, which took so many ``tokens``). ``again``: some of the same suggestion was accepted before.
    """

    action: Annotated[Action, Choice(get_args(Action))]
    characters: Count = 0
    of: Count = 0
    ms: Number = 0.0
    waited: Number = 0.0
    source: Annotated[Supply, Choice(get_args(Supply))] = "model"
    tokens: Count = 0
    again: Switch = False


@dataclass(frozen=True, slots=True)
class GetStatus:
    """Ask for Status."""


@dataclass(frozen=True, slots=True)
class GetMetrics:
    """Ask for Metrics."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the daemon: Ok, then every open request gets Error ``stopping``, then the process ends."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answer to Hello. ``stage`` and ``fraction`` tell how far loading is, ``reason`` why it failed."""

    package: Name
    key: Name
    pid: Count
    state: Annotated[State, Choice(get_args(State))]
    stage: Name = ""
    fraction: Annotated[float, Real(0.0, 1.0)] = 0.0
    code: Name = ""
    reason: Sentence = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """The next piece of a streamed completion."""

    text: Source


@dataclass(frozen=True, slots=True)
class Token:
    """One emitted token and who proposed it."""

    text: Source
    origin: Annotated[Origin, Choice(get_args(Origin))]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: ``queue`` before the engine took the request; the others count from there.

    ``prompt`` prefill, ``first`` to the first text, ``total``, and of it ``draft``, ``verify``, ``host``.
    """

    queue: Number
    prompt: Number
    first: Number
    total: Number
    draft: Number
    verify: Number
    host: Number


@dataclass(frozen=True, slots=True)
class Done:
    """The completion and its counts (DESIGN §1); ``tokens`` only if ``explain`` was asked.

    ``saved_ms`` is what speculation saved over plain decoding and the bounds of its 95 % interval, None while
    that is not known; negative is lost. ``confidence`` is the mean and the least log-probability of the
    text's tokens in the target's eyes, None for an empty text.
    """

    text: Source
    finish: Annotated[Finish, Choice(get_args(Finish))]
    drafted: Count
    tested: Count
    accepted: Count
    emitted: Count
    passes: Count
    reused: Count
    computed: Count
    ms: Annotated[Times, Record(Times)]
    by_position: Annotated[tuple[tuple[int, int], ...], Items(Items(Int(), 2, exact=True), MAX_K)] = ()
    tokens: Annotated[tuple[Token, ...], Items(Record(Token), MAX_ARRAY)] = ()
    saved_ms: Annotated[tuple[float, float, float] | None, Maybe(Items(Real(-1e15), 3, exact=True))] = None
    confidence: Annotated[tuple[float, float] | None, Maybe(Items(Real(-1e15), 2, exact=True))] = None


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer request for the same document took the place of this one."""


@dataclass(frozen=True, slots=True)
class Error:
    """The request failed: a stable code and a sentence that says what to do."""

    code: Name
    text: Sentence


@dataclass(frozen=True, slots=True)
class Ok:
    """Done, nothing to tell. For Cancel, ``found`` says whether the request was still open."""

    found: Switch = True


@dataclass(frozen=True, slots=True)
class Recent:
    """One of the last requests, without any of its text. Times in milliseconds."""

    age_s: Number
    op: Name
    outcome: Annotated[Outcome, Choice(get_args(Outcome))]
    finish: Name = ""
    queue: Number = 0.0
    first: MaybeNumber = None
    total: Number = 0.0
    emitted: Count = 0
    passes: Count = 0
    drafted: Count = 0
    tested: Count = 0
    accepted: Count = 0
    reused: Count = 0
    computed: Count = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """What the counters amount to; None where nothing was counted yet. Times in milliseconds.

    ``tau`` is emitted / passes as measured, ``tau_model`` = (1 − α^(k+1)) / (1 − α) with the mean k drafted
    per pass; ``first`` counts from the request, its queue time included.
    """

    alpha: Share = None
    draft_efficiency: Share = None
    k_mean: MaybeNumber = None
    tau: MaybeNumber = None
    tau_model: MaybeNumber = None
    tokens_per_second: MaybeNumber = None
    first_p50: MaybeNumber = None
    first_p95: MaybeNumber = None
    queue_p50: MaybeNumber = None
    queue_p95: MaybeNumber = None


@dataclass(frozen=True, slots=True)
class Status:
    """One screen of state. ``engine`` holds the facts the engine tells: pair, device, dtypes, memory."""

    package: Name
    key: Name
    pid: Count
    state: Annotated[State, Choice(get_args(State))]
    uptime_s: Number
    rss_bytes: Count
    queued: Count
    rates: Annotated[Rates, Record(Rates)]
    engine: Facts = field(default_factory=dict)
    settings: Facts = field(default_factory=dict)
    outcomes: Facts = field(default_factory=dict)
    stage: Name = ""
    fraction: Annotated[float, Real(0.0, 1.0)] = 0.0
    code: Name = ""
    reason: Sentence = ""
    log: PathText = ""
    recent: Annotated[tuple[Recent, ...], Items(Record(Recent), 64)] = ()
    suggestions: Annotated[Suggestions, Record(Suggestions)] = field(default_factory=Suggestions)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The raw counters, all since the start of the daemon, and the rates drawn from them."""

    uptime_s: Number
    counters: Facts
    rates: Annotated[Rates, Record(Rates)]
    suggestions: Annotated[Suggestions, Record(Suggestions)] = field(default_factory=Suggestions)


Request = Hello | Complete | Warm | Cancel | Feedback | GetStatus | GetMetrics | Stop
Reply = Welcome | Partial | Done | Superseded | Error | Ok | Status | Metrics

REQUESTS: dict[str, type[Request]] = {
    "hello": Hello,
    "complete": Complete,
    "warm": Warm,
    "cancel": Cancel,
    "feedback": Feedback,
    "status": GetStatus,
    "metrics": GetMetrics,
    "stop": Stop,
}
REPLIES: dict[str, type[Reply]] = {
    "welcome": Welcome,
    "partial": Partial,
    "done": Done,
    "superseded": Superseded,
    "error": Error,
    "ok": Ok,
    "status": Status,
    "metrics": Metrics,
}
_OPS: dict[type, str] = {kind: op for table in (REQUESTS, REPLIES) for op, kind in table.items()}


def op_of(message: Request | Reply) -> str:
    """Return the word that names this kind of message on the wire."""
    return _OPS[type(message)]


def as_map(message: Request | Reply) -> dict[str, Any]:
    """Return the fields of a message as plain maps, lists and scalars, as they go on the wire."""
    return dump(message, "")


def encode(message: Request | Reply, request_id: int) -> bytes:
    """Return the frame of a message. Raises ProtocolError where a field or the whole passes its limit."""
    head = {"v": PROTOCOL_VERSION, "id": Int().load(request_id, "id"), "op": op_of(message)}
    return pack(head | dump(message, ""))


def decode_request(frame: bytes) -> tuple[int, Request]:
    """Return (id, request) of a frame, every field checked. Raises ProtocolError and nothing else."""
    return _decode(frame, REQUESTS)


def decode_reply(frame: bytes) -> tuple[int, Reply]:
    """Return (id, reply) of a frame, every field checked. Raises ProtocolError and nothing else."""
    return _decode(frame, REPLIES)


def _decode(frame: bytes, table: dict[str, type]) -> tuple[int, Any]:
    values = unpack(frame)
    request_id = values.pop("id", None)
    if type(request_id) is not int or not 0 <= request_id <= MAX_ID:
        raise ProtocolError("invalid_field", f"field 'id' must be a whole number from 0 to {MAX_ID}")
    version, op = values.pop("v", None), values.pop("op", None)
    if type(version) is not int or version != PROTOCOL_VERSION:
        text = f"this side speaks protocol version {PROTOCOL_VERSION}; stop the daemon and try again"
        raise ProtocolError("version", text, request_id)
    kind = table.get(op) if type(op) is str else None
    if kind is None:
        raise ProtocolError("unknown_op", "the message has no operation that this side knows", request_id)
    try:
        return request_id, load(kind, values, "")
    except ProtocolError as error:
        error.request_id = request_id
        raise
