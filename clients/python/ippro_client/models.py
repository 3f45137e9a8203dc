"""Bodies that are sent and answered. Generated from the description of the API by `make client`: do not edit."""

from typing import Any, Literal, NotRequired, TypedDict

ActionEnum = Literal["withdraw", "supplement"]

AnswerEnum = Literal["pass", "review", "block"]

AnsweredLinkOutcomeEnum = Literal["waiting", "sustained", "released", "conceded", "kept", "withdrawn", "lapsed"]

AppealDecisionOutcomeEnum = Literal["upheld", "reversed", "partly_reversed"]

AppealKind = Literal[
    "takedown",
    "dismissal",
    "rejected_complaint",
    "rejected_filing",
    "refused_certificate",
    "rejected_organisation",
    "penalty",
    "finding",
    "suspension",
    "privilege",
]

AppealState = Literal[
    "submitted",
    "returned",
    "under_review",
    "upheld",
    "reversed",
    "partly_reversed",
    "referred",
    "concluded",
    "settled",
    "withdrawn",
]

BlankEnum = Literal[""]

BrandVerdict = Literal["infringes", "genuine", "unsure"]

CandidateState = Literal["open", "asked", "upheld", "dismissed", "handed_over", "gone", "reversed"]

ComplaintState = Literal[
    "submitted",
    "returned",
    "rejected",
    "accepted",
    "upheld",
    "dismissed",
    "notified",
    "countered",
    "closed",
    "withdrawn",
]

CounterNoticeState = Literal[
    "submitted", "returned", "forwarded", "waiting", "in_proceedings", "in_review", "concluded", "withdrawn", "lapsed"
]

CountsAgainstEnum = Literal["shop", "complainant"]

CourtOrderKind = Literal["judgment", "interim"]

EffectEnum = Literal["upholds", "dismisses", "points", "ladder", "conduct"]

EndResultEnum = Literal["infringement", "no_infringement", "over"]

EventsEnum = Literal[
    "organisation.verified",
    "power.moved",
    "filing.approved",
    "filing.returned",
    "filing.rejected",
    "filing.ended",
    "original.certified",
    "original.in_conflict",
    "original.refused",
    "original.ended",
    "match.confirmed",
    "match.dismissed",
    "candidate.brand_asked",
    "complaint.submitted",
    "complaint.accepted",
    "complaint.returned",
    "complaint.rejected",
    "complaint.decided",
    "complaint.decided_anew",
    "complaint.ordered",
    "complaint.withdrawn",
    "link.settled",
    "notice.sent",
    "counter_notice.submitted",
    "counter_notice.returned",
    "counter_notice.lapsed",
    "counter_notice.forwarded",
    "counter_notice.waiting",
    "counter_notice.settled",
    "counter_notice.withdrawn",
    "appeal.submitted",
    "appeal.returned",
    "appeal.decided",
    "appeal.moved",
    "penalty.begun",
    "penalty.over",
]

FiledRightKind = Literal[
    "trademark",
    "copyright_work",
    "copyright_software",
    "patent_invention",
    "patent_utility",
    "patent_design",
    "geographical_indication",
    "publishing",
]

FilingState = Literal[
    "draft", "submitted", "returned", "approved", "expiring", "expired", "rejected", "revoked", "withdrawn"
]

FilingUploadPurposeEnum = Literal["certificate", "picture"]

FindingEnum = Literal["for_platform", "for_appellant", "partly"]

InfringementEnum = Literal[
    "counterfeit",
    "trademark_use",
    "pirated_book",
    "copied_image",
    "pirated_software",
    "patent_product",
    "design_copy",
    "gi_misuse",
    "shop_name",
    "forged_authorisation",
]

IntakeItemState = Literal["waiting", "taken", "refused"]

LaneEnum = Literal["fast", "normal", "slow"]

LanguageEnum = Literal["en", "zh-hans"]

MarkTypeEnum = Literal["word", "figure", "combined"]

MarketState = Literal["up", "down"]

MatchState = Literal["in_review", "confirmed", "complained", "tolerated", "dismissed", "gone"]

NullEnum = None

OrderEnum = Literal["newest", "best"]

OriginalState = Literal["received", "checked", "certified", "in_conflict", "refused", "withdrawn", "revoked"]

OverlapHoursEnum = Literal[0, 24, 168]

PaperPurposeEnum = Literal[
    "identity", "licence", "certificate", "picture", "evidence", "original", "camera", "archive", "power"
]

PenaltyMeasure = Literal["warning", "limits", "demotion", "deposit", "suspension", "ban"]

PenaltyState = Literal["proposed", "hearing", "confirmed", "in_force", "ended", "lifted", "reversed", "dropped"]

PowerSide = Literal["holder", "agency", "staff"]

PowerState = Literal["submitted", "returned", "approved", "revoked", "expired"]

ProblemEnum = Literal[
    "not_a_link",
    "hidden_characters",
    "too_long",
    "unknown_marketplace",
    "not_reportable",
    "unknown_target",
    "unknown_token",
    "ambiguous_token",
]

ProceedingKind = Literal["authority", "lawsuit"]

ProceedingResultEnum = Literal["pending", "infringement", "no_infringement", "over"]

RefusalEnum = Literal["flat", "text_only", "too_small", "own_again", "unreadable", "conflict"]

RightKind = Literal[
    "trademark",
    "copyright_work",
    "copyright_software",
    "patent_invention",
    "patent_utility",
    "patent_design",
    "geographical_indication",
    "publishing",
    "first_publication",
]

SceneEnum = Literal["product_page", "mall", "supermarket", "search", "video", "livestream", "shop"]

SelfServiceStateEnum = Literal["training", "active", "ended"]

SheetStateEnum = Literal["unconfirmed", "running", "done"]

SourceEnum = Literal["files", "zip", "listings"]

SpeaksEnum = Literal["for", "against", "neither"]

StatusEnum = Literal["applied", "duplicate", "stale", "rejected"]

SuspensionStateEnum = Literal["warned", "suspended", "lapsed", "ended", "lifted", "reversed"]

TargetKind = Literal["listing", "video", "livestream", "shop"]

TierEnum = Literal["automatic", "review"]

TimeStampEnum = Literal["none", "pending", "stamped"]

TimeStampStateEnum = Literal["none", "pending", "stamped", "covered"]

TypeEnum = Literal[
    "listing.upserted",
    "video.upserted",
    "livestream.upserted",
    "shop.upserted",
    "target.state_changed",
    "target.removed",
]

WatchProfileKind = Literal["brand", "book", "work"]

WatchProfileState = Literal["draft", "watching", "paused", "ended"]

WebhookMessageState = Literal["waiting", "delivered", "given_up"]


class Anew(TypedDict):
    """A serializer whose text fields take plain text."""

    link: str
    stands: bool
    reasons: str


class Answer(TypedDict):
    """What you say of an offer; the platform decides with it."""

    verdict: "BrandVerdict"
    note: NotRequired[str]


class AnswerColumns(TypedDict):
    """Which column is what, and what is to be done with all complaints whose row does not say it."""

    columns: NotRequired[dict[str, str]]
    action: NotRequired["ActionEnum"]


class AnswerFate(TypedDict):
    """One complaint of the sheet, what became of the answer, and in which state it is now."""

    row: int
    name: str
    state: str
    message: str
    complaint: NotRequired[str | None]
    complaint_state: NotRequired["ComplaintState | NullEnum"]


class AnswerRows(TypedDict):
    """Rows that a program says by role. With `confirm` they are confirmed in the same call."""

    action: NotRequired["ActionEnum"]
    name: NotRequired[str]
    rows: list[dict[str, Any]]
    confirm: NotRequired["ConfirmAnswers"]


class AnsweredLink(TypedDict):
    """One link that a counter-notice answers for: what became of it, and why it is up or down."""

    id: str
    target: str
    external_id: str
    outcome: "AnsweredLinkOutcomeEnum"
    ground: str
    reasons: str
    settled_at: str | None
    standing: "Standing"


class Appeal(TypedDict):
    """An appeal with what was said and decided, and what can be done about it now."""

    id: str
    number: str
    kind: "AppealKind"
    against: str
    state: "AppealState"
    state_since_at: str
    deadline_at: str | None
    created_at: str
    closes_at: str
    regime: str
    appellant: "Appellant"
    beside: "Appellant | None"
    title: str
    grounds: str
    supplement_request: str
    next: "Next"
    available_actions: list[str]
    links: list["AppealedLink"]
    decisions: list["AppealDecision"]
    referral: "Referral | None"


class AppealDecision(TypedDict):
    """What was decided on an appeal, by a person who had not decided before."""

    id: str
    decided_at: str
    outcome: "AppealDecisionOutcomeEnum"
    reasons: str
    of_body: bool


class AppealReturn(TypedDict):
    """A serializer whose text fields take plain text."""

    missing: str


class AppealSummary(TypedDict):
    """An appeal as lists show it."""

    id: str
    number: str
    kind: "AppealKind"
    against: str
    state: "AppealState"
    state_since_at: str
    deadline_at: str | None
    created_at: str
    closes_at: str
    regime: str
    appellant: "Appellant"
    beside: "Appellant | None"


class AppealSupplement(TypedDict):
    """A serializer whose text fields take plain text."""

    text: str
    evidence: NotRequired[list[str]]


class AppealedLink(TypedDict):
    """One link that is appealed about."""

    id: str
    target: str
    title: str
    first_outcome: str
    is_reversed: bool | None


class Appellant(TypedDict):
    """An organisation on the side that appealed."""

    id: str
    name: str


class AsItStood(TypedDict):
    """The offer as it stood when it was decided on."""

    title: str
    external_id: str
    url: str
    price: str | None
    currency: str
    version: int


class Asked(TypedDict):
    """What is looked for, as in `/api/v1/marketplace/search`."""

    words: NotRequired[str]
    kind: NotRequired[list["TargetKind"]]
    marketplace: NotRequired[str]
    shop: NotRequired[str]
    seller: NotRequired[str]
    category: NotRequired[str]
    price_from: NotRequired[str]
    price_to: NotRequired[str]
    currency: NotRequired[str]
    published_since: NotRequired[str]
    published_until: NotRequired[str]
    changed_since: NotRequired[str]
    order: NotRequired["OrderEnum"]


class BadRow(TypedDict):
    row: int
    name: str
    cells: list["Cell"]


class Body(TypedDict):
    """A certified out-of-court dispute settlement body."""

    id: str
    name: str
    regime: str
    certified_by: str
    certified_until_on: str | None
    website: str
    languages: str


class BrandAnswer(TypedDict):
    verdict: "BrandVerdict"
    note: NotRequired[str]
    at: NotRequired[str]


class CameraFinding(TypedDict):
    """One thing that a camera original says about the claim."""

    code: str
    speaks: "SpeaksEnum"
    text: str


class CameraOriginal(TypedDict):
    """An unedited file straight from the camera, and what it says for and against the claim; never shown to others."""

    id: str
    sha256: str
    size_bytes: int
    media_type: str
    reading: list["CameraFinding"]
    added_at: NotRequired[str]


class Candidate(TypedDict):
    """An offer about which you are asked, or that was handed to you, and what you said of it."""

    id: str
    number: str
    profile: str
    state: NotRequired["CandidateState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    found_at: NotRequired[str]
    offer: "Offer"
    description: str
    answers: list["BrandAnswer"]
    draft: NotRequired[str | None]
    available_actions: list[str]


class CandidateSummary(TypedDict):
    """An offer that patrol takes for an infringement of your right, as lists show it."""

    id: str
    number: str
    profile: str
    state: NotRequired["CandidateState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    found_at: NotRequired[str]
    offer: "Offer"


class Cell(TypedDict):
    """A bad cell: where it stands, what it should say, and what is wrong."""

    cell: str
    role: str
    message: str


class Certificate(TypedDict):
    """What a certificate says. What is not told to who asks is empty."""

    number: str
    state: "OriginalState"
    is_in_force: bool
    holder: str
    title: str
    received_at: str
    certified_at: str | None
    sha256: str
    perceptual_hash: str
    ledger_kind: str
    leaf: int | None
    time_stamp: "TimeStampEnum"
    stamped_at: str | None
    is_public: bool
    public_reason: str
    address: str


class CitedRule(TypedDict):
    """The rule that was broken, in the version that was in force when the offer was found."""

    code: str
    version: int
    title: str
    source: str


class Complaint(TypedDict):
    """A complaint with what was said, and what can be done about it now."""

    id: str
    number: str
    state: "ComplaintState"
    state_since_at: str
    deadline_at: str | None
    created_at: str
    infringement: "InfringementEnum"
    right: "Right"
    lane: "LaneEnum"
    lane_reason: str
    link_count: int
    upheld_count: int
    holder: "Holder | None"
    power: "PowerUsed | None"
    adopted_at: str | None
    description: str
    test_buy_order: str
    good_faith_at: str
    channel: str
    regime: str
    supplement_request: str
    next: "Next"
    available_actions: list[str]
    decisions: list["Decision"]


class ComplaintSummary(TypedDict):
    """A complaint as lists show it."""

    id: str
    number: str
    state: "ComplaintState"
    state_since_at: str
    deadline_at: str | None
    created_at: str
    infringement: "InfringementEnum"
    right: "Right"
    lane: "LaneEnum"
    lane_reason: str
    link_count: int
    upheld_count: int


class Conclude(TypedDict):
    """A serializer whose text fields take plain text."""

    finding: "FindingEnum"
    found_on: str
    is_followed: bool
    reasons: str
    rule: NotRequired[str]


class Condition(TypedDict):
    """One thing that self-service needs."""

    words: str
    is_met: bool


class Conduct(TypedDict):
    """Where your organisation stands, and why."""

    score: int
    score_in_words: str
    parts: list["Part"]
    lane: "LaneEnum"
    lane_reason: str
    lane_in_words: str
    lane_rule: "Rule | None"
    terms: "Terms"
    open_complaints: int
    suspension: "Suspension | None"
    suspension_rule: "Rule | None"
    held_against: list["HeldAgainst"]


class ConfirmAnswers(TypedDict):
    """Whether bad rows stop the good ones; kinds add what is signed."""

    all_or_nothing: NotRequired[bool]
    text: NotRequired[str]


class ConfirmFilings(TypedDict):
    """Nothing more is asked for: drafts are signed when they are submitted."""

    all_or_nothing: NotRequired[bool]


class ConfirmMarket(TypedDict):
    """Nothing more is asked for: the call is signed."""

    all_or_nothing: NotRequired[bool]


class Consistency(TypedDict):
    """The consistency proof of two sizes (RFC 9162 section 2.1.4)."""

    first: int
    second: int
    path: list[str]


class CounterNotice(TypedDict):
    """A counter-notice with what you may read of it, and what you can do about it now."""

    id: str
    number: str
    notice: str
    complaint_number: str
    shop: str
    marketplace: str
    state: "CounterNoticeState"
    state_since_at: str
    deadline_at: str | None
    is_provisional: bool
    created_at: str
    link_count: int
    open_count: int
    regime: str
    proofs: list["ProceedingKind"]
    received_at: str
    forwarded_at: str | None
    delivered_at: str | None
    delivered_by: str
    said: dict[str, Any]
    supplement_request: str
    next: "Next"
    available_actions: list[str]
    links: list["AnsweredLink"]
    proceedings: list["Proceeding"]
    evidence: list["HandedIn"]


class CounterNoticeSummary(TypedDict):
    """A counter-notice as lists show it."""

    id: str
    number: str
    notice: str
    complaint_number: str
    shop: str
    marketplace: str
    state: "CounterNoticeState"
    state_since_at: str
    deadline_at: str | None
    is_provisional: bool
    created_at: str
    link_count: int
    open_count: int


class CounterSupplement(TypedDict):
    """A serializer whose text fields take plain text."""

    text: str
    evidence: NotRequired[list[str]]
    evidence_is_private: NotRequired[bool]
    name: NotRequired[str]
    address: NotRequired[str]
    phone: NotRequired[str]


class CourtOrder(TypedDict):
    """What a court ordered about links of a complaint."""

    id: str
    kind: "CourtOrderKind"
    keeps_down: bool
    forum: str
    case_number: str
    ordered_on: str
    recorded_at: str


class Decide(TypedDict):
    """One finding for every link that is still pending."""

    findings: list["Found"]


class DecideAnew(TypedDict):
    """One finding for every link that is still open."""

    findings: list["Anew"]


class DecideAppeal(TypedDict):
    """A serializer whose text fields take plain text."""

    is_reversed: bool
    reasons: str
    links: NotRequired[list[str] | None]
    rule: NotRequired[str]


class Decision(TypedDict):
    """One act of deciding."""

    id: str
    decided_at: str
    is_automated: bool


class End(TypedDict):
    """How a proceeding ended."""

    proceeding: str
    result: "EndResultEnum"
    ended_on: str


class Event(TypedDict):
    """One event; only for the schema, since each event is judged by itself."""

    id: str
    type: "TypeEnum"
    occurred_at: str
    version: NotRequired[int]
    data: dict[str, Any]


class Events(TypedDict):
    events: list["Event"]


class Evidence(TypedDict):
    """A file that was handed in; name it by its id when you complain."""

    id: str
    media_type: str
    size_bytes: int
    sha256: str


class Filing(TypedDict):
    """A right on file with its papers, what is next, and what can be done about it now."""

    id: str
    number: str
    kind: "RightKind"
    title: str
    registration_number: str
    owner_name: str
    territory: NotRequired[str]
    state: NotRequired["FilingState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    valid_from_on: NotRequired[str | None]
    valid_until_on: NotRequired[str | None]
    is_in_force: bool
    version: NotRequired[int]
    organisation: str
    agency: NotRequired[str | None]
    mark_type: NotRequired["MarkTypeEnum | BlankEnum"]
    nice_classes: NotRequired[Any]
    description: NotRequired[str]
    review_note: NotRequired[str]
    renewed_until_on: NotRequired[str | None]
    in_force_until_on: NotRequired[str | None]
    is_in_conflict: bool
    files: list["Paper"]
    genuine_sellers: list["Seller"]
    next: "Next"
    available_actions: list[str]


class FilingColumns(TypedDict):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    columns: NotRequired[dict[str, str]]
    kind: NotRequired["FiledRightKind"]
    owner_name: NotRequired[str]
    territory: NotRequired[str]
    holder: NotRequired[str]


class FilingFate(TypedDict):
    """One right of a confirmed sheet, and the draft that became of it."""

    row: int
    name: str
    state: str
    message: str
    filing: NotRequired[str | None]
    case_number: NotRequired[str | None]
    filing_state: NotRequired["FilingState | NullEnum"]


class FilingNote(TypedDict):
    """A serializer whose text fields take plain text."""

    version: NotRequired[int]
    note: str


class FilingRenewal(TypedDict):
    """A serializer whose text fields take plain text."""

    version: NotRequired[int]
    valid_until_on: str
    certificate: NotRequired[list[str]]


class FilingRows(TypedDict):
    """Rows that a program says by role. With `confirm` they are confirmed in the same call."""

    kind: NotRequired["FiledRightKind"]
    owner_name: NotRequired[str]
    territory: NotRequired[str]
    holder: NotRequired[str]
    name: NotRequired[str]
    rows: list[dict[str, Any]]
    confirm: NotRequired["ConfirmFilings"]


class FilingSummary(TypedDict):
    """A right on file as lists show it."""

    id: str
    number: str
    kind: "RightKind"
    title: str
    registration_number: str
    owner_name: str
    territory: NotRequired[str]
    state: NotRequired["FilingState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    valid_from_on: NotRequired[str | None]
    valid_until_on: NotRequired[str | None]
    is_in_force: bool
    version: NotRequired[int]


class FilingUpload(TypedDict):
    """A serializer whose text fields take plain text."""

    file: str
    purpose: "FilingUploadPurposeEnum"


class FilingVersion(TypedDict):
    """A serializer whose text fields take plain text."""

    version: NotRequired[int]


class Finding(TypedDict):
    """The decision on one link."""

    outcome: str
    rule: str
    facts: str


class Found(TypedDict):
    """A serializer whose text fields take plain text."""

    link: str
    upheld: bool
    rule: str
    facts: str


class HandedIn(TypedDict):
    """A file of the merchant."""

    id: str
    media_type: str
    size_bytes: int
    sha256: str


class HeldAgainst(TypedDict):
    """A finding of abuse that staff confirmed."""

    pattern: str
    title: str
    words: str
    reason: str
    confirmed_at: str
    rule: "Rule | None"


class Hit(TypedDict):
    """One thing on sale. `link` is what a complaint takes as a link."""

    id: str
    kind: "TargetKind"
    external_id: str
    title: str
    link: str
    marketplace: str
    shop: "ShopOfHit | None"
    category: str
    price: str | None
    currency: str
    image: str
    published_at: str
    changed_at: str


class Hits(TypedDict):
    next: str | None
    results: list["Hit"]


class Holder(TypedDict):
    """The rights holder for whom an agency complained."""

    id: str
    name: str


class ImageUpload(TypedDict):
    """A serializer whose text fields take plain text."""

    file: str


class Inclusion(TypedDict):
    """The inclusion proof of one entry (RFC 9162 section 2.1.3)."""

    index: int
    size: int
    leaf_hash: str
    path: list[str]


class Intake(TypedDict):
    """One act of handing in, and how far it is."""

    id: str
    source: "SourceEnum"
    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]
    created_at: NotRequired[str]
    progress: "Progress"


class IntakeItem(TypedDict):
    """One image of an intake, and what became of it."""

    name: str
    state: NotRequired["IntakeItemState"]
    message: str
    original: NotRequired[str | None]


class Keys(TypedDict):
    """Every key that ever signed a head, oldest first."""

    keys: list[str]


class KnownConflict(TypedDict):
    """What came earlier, as far as a holder may know of it."""

    what: str
    since_at: str | None
    edits: list[str]
    opened_at: str
    settled_at: str | None
    is_upheld: bool | None
    note: str


class Licence(TypedDict):
    """A shop that may use an image: what it shows is no match."""

    id: str
    shop: str
    shop_title: str
    marketplace: str
    note: NotRequired[str]
    granted_at: NotRequired[str]
    ended_at: NotRequired[str | None]


class Link(TypedDict):
    """One link of a complaint: how it looked when complained of, what became of it, why it is up or down."""

    id: str
    link: str
    scene: str
    seconds: int | None
    target: str
    kind: str
    external_id: str
    snapshot: dict[str, Any]
    snapshot_hash: str
    captured_at: str
    outcome: str
    finding: "Finding | None"
    standing: "Standing"


class LinkColumns(TypedDict):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    columns: NotRequired[dict[str, str]]
    filing: NotRequired[str]
    infringement: NotRequired["InfringementEnum"]
    description: NotRequired[str]


class LinkFate(TypedDict):
    """One link of a confirmed sheet: its complaint, what was decided about it, and where it stands at this moment."""

    row: int
    name: str
    state: str
    message: str
    complaint: NotRequired[str | None]
    number: NotRequired[str | None]
    complaint_state: NotRequired[str | None]
    outcome: NotRequired[str | None]
    standing: NotRequired["LinkNow | None"]


class LinkNow(TypedDict):
    """Whether a link is up or down now, in words, and why."""

    label: str
    why: str


class LinkRows(TypedDict):
    """Rows that a program says by role. With `confirm` they are confirmed in the same call."""

    filing: NotRequired[str]
    infringement: NotRequired["InfringementEnum"]
    description: NotRequired[str]
    name: NotRequired[str]
    rows: list[dict[str, Any]]
    confirm: NotRequired["SignSheet"]


class Links(TypedDict):
    links: list[str]


class MarketColumns(TypedDict):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    columns: NotRequired[dict[str, str]]
    kind: NotRequired["TargetKind"]
    shop_external_id: NotRequired[str]
    category: NotRequired[str]
    currency: NotRequired[str]
    state: NotRequired["MarketState"]


class MarketFate(TypedDict):
    """One row of a confirmed sheet, and what became of what it said."""

    row: int
    name: str
    state: str
    message: str
    status: "StatusEnum | BlankEnum"


class MarketRows(TypedDict):
    """Rows that a program says by role. With `confirm` they are confirmed in the same call."""

    kind: NotRequired["TargetKind"]
    shop_external_id: NotRequired[str]
    category: NotRequired[str]
    currency: NotRequired[str]
    state: NotRequired["MarketState"]
    name: NotRequired[str]
    rows: list[dict[str, Any]]
    confirm: NotRequired["ConfirmMarket"]


class Match(TypedDict):
    """A copy with its explanation: in words, in parts of the score, and the pictures that show it."""

    id: str
    number: str
    state: "MatchState"
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    tier: "TierEnum"
    score: float
    is_mirrored: NotRequired[bool]
    edits: list[str]
    original: str
    original_number: str
    target: str
    kind: "TargetKind"
    external_id: str
    title: str
    url: str
    seconds: NotRequired[int | None]
    shop: str
    shop_title: str
    marketplace: str
    sha256: str
    note: NotRequired[str]
    sentence: str
    parts: list["ScorePart"]
    pictures: list[str]
    next: "Next"
    available_actions: list[str]


class MatchDismiss(TypedDict):
    """`note` stays among staff."""

    note: NotRequired[str]
    reason: NotRequired[str]


class MatchNote(TypedDict):
    """A serializer whose text fields take plain text."""

    note: NotRequired[str]


class MatchSummary(TypedDict):
    """A copy of an original as lists show it."""

    id: str
    number: str
    state: "MatchState"
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    tier: "TierEnum"
    score: float
    is_mirrored: NotRequired[bool]
    edits: list[str]
    original: str
    original_number: str
    target: str
    kind: "TargetKind"
    external_id: str
    title: str
    url: str
    seconds: NotRequired[int | None]
    shop: str
    shop_title: str
    marketplace: str


class Message(TypedDict):
    """What a party or the platform wrote inside a case."""

    id: str
    is_from_platform: bool
    text: str
    files: list["Evidence"]
    created_at: str
    first_read_at: str | None


class NewAppeal(TypedDict):
    """A serializer whose text fields take plain text."""

    against: str
    grounds: str
    links: NotRequired[list[str] | None]
    evidence: NotRequired[list[str]]


class NewComplaint(TypedDict):
    """A notice of infringement: one right, and as many links as your lane takes (500, 900 in the fast lane, 50 in the slow one)."""

    right: str
    infringement: "InfringementEnum"
    links: list[str]
    description: str
    signature: str
    good_faith: bool
    test_buy_order: NotRequired[str]
    evidence: NotRequired[list[str]]
    evidence_is_private: NotRequired[bool]
    language: NotRequired["LanguageEnum"]


class NewCounterNotice(TypedDict):
    """A merchant's answer. Which elements are needed is the law's word: what is missing is said by its field."""

    notice: str
    targets: NotRequired[list[str] | None]
    statement: NotRequired[str]
    signature: NotRequired[str]
    good_faith: NotRequired[bool]
    name: NotRequired[str]
    address: NotRequired[str]
    phone: NotRequired[str]
    jurisdiction: NotRequired[bool]
    evidence: NotRequired[list[str]]
    evidence_is_private: NotRequired[bool]


class NewFiling(TypedDict):
    """A new draft of this kind."""

    title: NotRequired[str]
    registration_number: NotRequired[str]
    owner_name: NotRequired[str]
    mark_type: NotRequired["MarkTypeEnum | BlankEnum"]
    nice_classes: NotRequired[list[int]]
    territory: NotRequired[str]
    valid_from_on: NotRequired[str | None]
    valid_until_on: NotRequired[str | None]
    description: NotRequired[str]
    kind: "FiledRightKind"
    holder: NotRequired[str]


class NewIntake(TypedDict):
    """A serializer whose text fields take plain text."""

    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]


class NewLicence(TypedDict):
    """A serializer whose text fields take plain text."""

    shop: str
    note: NotRequired[str]


class NewOfficialPicture(TypedDict):
    """A serializer whose text fields take plain text."""

    picture: str
    is_cover: NotRequired[bool]


class NewOriginal(TypedDict):
    """An image to be registered for first-publication protection."""

    file: str
    title: NotRequired[str]
    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]


class NewPower(TypedDict):
    """What stands in a power. An agency names the rights holder, a rights holder names the agency."""

    number: str
    name: NotRequired[str]
    country: NotRequired[str]
    email: NotRequired[str]
    valid_from_on: str
    valid_until_on: str
    rights: NotRequired[list[str]]
    infringements: NotRequired[list["InfringementEnum"]]
    scenes: NotRequired[list["SceneEnum"]]
    marketplaces: NotRequired[list[str]]
    document: NotRequired[list[str]]


class NewSavedSearch(TypedDict):
    """A serializer whose text fields take plain text."""

    name: str
    asked: "Asked"


class NewWatchProfile(TypedDict):
    """A right to watch, and what to look for; without `names`, its title."""

    kind: NotRequired["WatchProfileKind"]
    name: NotRequired[str]
    names: NotRequired[list[str]]
    code_words: NotRequired[list[str]]
    honest_words: NotRequired[list[str]]
    categories: NotRequired[list[str]]
    isbn: NotRequired[str]
    publisher: NotRequired[str]
    model_number: NotRequired[str]
    currency: NotRequired[str]
    list_price: NotRequired[str | None]
    usual_price: NotRequired[str | None]
    price_floor: NotRequired[str | None]
    packaging_notes: NotRequired[str]
    filing: str


class NewWebhook(TypedDict):
    """A serializer whose text fields take plain text."""

    url: str
    events: list["EventsEnum"]


class NewZip(TypedDict):
    """A serializer whose text fields take plain text."""

    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]
    file: str


class Next(TypedDict):
    """What is next, whose turn it is, until when, and what happens otherwise."""

    whose: str
    next: str
    until: str | None
    otherwise: str
    is_yours: bool


class Notice(TypedDict):
    """A statement of reasons to a shop of yours."""

    id: str
    number: str
    shop: str
    marketplace: str
    right: "Right"
    holder: str
    infringement: str
    decided_at: str
    is_automated: bool
    created_at: NotRequired[str]
    first_read_at: NotRequired[str | None]


class NoticeDetail(TypedDict):
    """A statement of reasons with the links it is about."""

    id: str
    number: str
    shop: str
    marketplace: str
    right: "Right"
    holder: str
    infringement: str
    decided_at: str
    is_automated: bool
    created_at: NotRequired[str]
    first_read_at: NotRequired[str | None]
    description: str
    links: list["NoticedLink"]


class NoticedLink(TypedDict):
    """A link as its seller sees it: where it stood, not the line that the complainant pasted."""

    id: str
    link: str
    scene: str
    seconds: int | None
    target: str
    kind: str
    external_id: str
    snapshot: dict[str, Any]
    snapshot_hash: str
    captured_at: str
    outcome: str
    finding: "Finding | None"
    standing: "Standing"


class Offer(TypedDict):
    """What is on sale: a listing, a video, a livestream or a shop."""

    id: str
    kind: "TargetKind"
    external_id: str
    title: str
    url: str
    price: str | None
    currency: str
    shop: str
    marketplace: str


class OfficialPicture(TypedDict):
    """A picture whose copies are looked for; its links are yours alone and open for some minutes."""

    id: str
    is_cover: NotRequired[bool]
    media_type: str
    sha256: str
    url: str
    preview_url: str
    added_at: NotRequired[str]


class Order(TypedDict):
    """What a court ordered."""

    kind: "CourtOrderKind"
    keeps_down: bool
    forum: str
    case_number: str
    ordered_on: str
    links: NotRequired[list[str] | None]


class Original(TypedDict):
    """An original with its picture, conflicts and licences, what is next, and what can be done about it now."""

    id: str
    number: str
    title: str
    state: NotRequired["OriginalState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    certified_at: NotRequired[str | None]
    sha256: str
    perceptual_hash: str
    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]
    complains_automatically: NotRequired[bool]
    waiting_matches: int
    organisation: str
    preview_url: str
    refusal: NotRequired["RefusalEnum | BlankEnum"]
    refusal_text: str
    public_reason: NotRequired[str]
    same_as: NotRequired[str | None]
    right: NotRequired[str | None]
    conflicts: list["KnownConflict"]
    licences: list["Licence"]
    next: "Next"
    available_actions: list[str]


class OriginalSummary(TypedDict):
    """An original as lists show it; its number is that of its certificate."""

    id: str
    number: str
    title: str
    state: NotRequired["OriginalState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    certified_at: NotRequired[str | None]
    sha256: str
    perceptual_hash: str
    is_public: NotRequired[bool]
    wants_timestamp: NotRequired[bool]
    complains_automatically: NotRequired[bool]
    waiting_matches: int


class PaginatedAnswerFateList(TypedDict):
    next: str | None
    previous: str | None
    results: list["AnswerFate"]


class PaginatedAppealSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["AppealSummary"]


class PaginatedBodyList(TypedDict):
    next: str | None
    previous: str | None
    results: list["Body"]


class PaginatedCandidateSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["CandidateSummary"]


class PaginatedComplaintSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["ComplaintSummary"]


class PaginatedCounterNoticeSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["CounterNoticeSummary"]


class PaginatedFilingFateList(TypedDict):
    next: str | None
    previous: str | None
    results: list["FilingFate"]


class PaginatedFilingSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["FilingSummary"]


class PaginatedIntakeItemList(TypedDict):
    next: str | None
    previous: str | None
    results: list["IntakeItem"]


class PaginatedIntakeList(TypedDict):
    next: str | None
    previous: str | None
    results: list["Intake"]


class PaginatedLinkFateList(TypedDict):
    next: str | None
    previous: str | None
    results: list["LinkFate"]


class PaginatedMarketFateList(TypedDict):
    next: str | None
    previous: str | None
    results: list["MarketFate"]


class PaginatedMatchSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["MatchSummary"]


class PaginatedNoticeList(TypedDict):
    next: str | None
    previous: str | None
    results: list["Notice"]


class PaginatedOriginalSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["OriginalSummary"]


class PaginatedPatrolFindingSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["PatrolFindingSummary"]


class PaginatedPowerSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["PowerSummary"]


class PaginatedRegisterEntryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["RegisterEntry"]


class PaginatedRegisterFindingList(TypedDict):
    next: str | None
    previous: str | None
    results: list["RegisterFinding"]


class PaginatedSavedHitList(TypedDict):
    next: str | None
    previous: str | None
    results: list["SavedHit"]


class PaginatedSavedSearchList(TypedDict):
    next: str | None
    previous: str | None
    results: list["SavedSearch"]


class PaginatedSheetSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["SheetSummary"]


class PaginatedWatchProfileSummaryList(TypedDict):
    next: str | None
    previous: str | None
    results: list["WatchProfileSummary"]


class PaginatedWebhookList(TypedDict):
    next: str | None
    previous: str | None
    results: list["Webhook"]


class PaginatedWebhookMessageList(TypedDict):
    next: str | None
    previous: str | None
    results: list["WebhookMessage"]


class Paper(TypedDict):
    """A certificate or picture; its links are yours alone and open for some minutes."""

    id: str
    purpose: "PaperPurposeEnum"
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    url: str
    preview_url: str


class Part(TypedDict):
    """One part of the score."""

    name: str
    links: int
    words: str


class Party(TypedDict):
    """One side of a power."""

    id: str
    number: str
    name: str


class PatchedFilingChange(TypedDict):
    """What changes in a draft, and the version on which that is based."""

    title: NotRequired[str]
    registration_number: NotRequired[str]
    owner_name: NotRequired[str]
    mark_type: NotRequired["MarkTypeEnum | BlankEnum"]
    nice_classes: NotRequired[list[int]]
    territory: NotRequired[str]
    valid_from_on: NotRequired[str | None]
    valid_until_on: NotRequired[str | None]
    description: NotRequired[str]
    version: NotRequired[int]


class PatchedOriginalChange(TypedDict):
    """What changes; to complain by itself takes a signature and the assurance of good faith."""

    title: NotRequired[str]
    is_public: NotRequired[bool]
    complains_automatically: NotRequired[bool]
    signature: NotRequired[str]
    good_faith: NotRequired[bool]


class PatchedWatchProfileChange(TypedDict):
    """What changes in a profile, and the version on which that is based."""

    kind: NotRequired["WatchProfileKind"]
    name: NotRequired[str]
    names: NotRequired[list[str]]
    code_words: NotRequired[list[str]]
    honest_words: NotRequired[list[str]]
    categories: NotRequired[list[str]]
    isbn: NotRequired[str]
    publisher: NotRequired[str]
    model_number: NotRequired[str]
    currency: NotRequired[str]
    list_price: NotRequired[str | None]
    usual_price: NotRequired[str | None]
    price_floor: NotRequired[str | None]
    packaging_notes: NotRequired[str]
    version: NotRequired[int]


class PatchedWebhookChange(TypedDict):
    """A serializer whose text fields take plain text."""

    url: NotRequired[str]
    events: NotRequired[list["EventsEnum"]]
    is_on: NotRequired[bool]


class PatrolFinding(TypedDict):
    """A statement of reasons with the facts, the rule, the ground in law, and how it stands."""

    id: str
    number: str
    shop: str
    marketplace: str
    target: str
    right: "Right"
    holder: str
    infringement: "InfringementEnum"
    is_automated: NotRequired[bool]
    is_reversed: bool
    decided_at: NotRequired[str]
    notified_at: NotRequired[str | None]
    facts: str
    offer: "AsItStood"
    rule: "CitedRule"
    ground: str
    redress: str
    automated_means: str
    is_held: bool
    reversal: str


class PatrolFindingSummary(TypedDict):
    """A statement of reasons of the platform's own initiative to a shop of yours."""

    id: str
    number: str
    shop: str
    marketplace: str
    target: str
    right: "Right"
    holder: str
    infringement: "InfringementEnum"
    is_automated: NotRequired[bool]
    is_reversed: bool
    decided_at: NotRequired[str]
    notified_at: NotRequired[str | None]


class Penalty(TypedDict):
    id: str
    number: str
    state: "PenaltyState"
    measure: "PenaltyMeasure"
    days: int | None
    points: int
    reason: str
    statement: str
    hearing_until: str | None
    began_at: str | None
    ends_at: str | None


class Power(TypedDict):
    """A power of attorney with its scope, days and paper, what is next, and what can be done about it now."""

    id: str
    number: str
    holder: "Party"
    agency: "Party"
    state: NotRequired["PowerState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    valid_from_on: str
    valid_until_on: str
    is_in_force: bool
    rights: list[str]
    infringements: list[str]
    scenes: list[str]
    marketplaces: list[str]
    confirmed_at: NotRequired[str | None]
    review_note: NotRequired[str]
    revoked_by_side: NotRequired["PowerSide | BlankEnum"]
    revoked_because: NotRequired[str]
    documents: list["Paper"]
    next: "Next"
    available_actions: list[str]


class PowerSummary(TypedDict):
    """A power of attorney as lists show it."""

    id: str
    number: str
    holder: "Party"
    agency: "Party"
    state: NotRequired["PowerState"]
    state_since_at: NotRequired[str]
    deadline_at: NotRequired[str | None]
    created_at: NotRequired[str]
    valid_from_on: str
    valid_until_on: str
    is_in_force: bool
    rights: list[str]
    infringements: list[str]
    scenes: list[str]
    marketplaces: list[str]
    confirmed_at: NotRequired[str | None]
    revoked_by_side: NotRequired["PowerSide | BlankEnum"]
    revoked_because: NotRequired[str]


class PowerUsed(TypedDict):
    """The power of attorney under which an agency complained."""

    id: str
    number: str


class Precheck(TypedDict):
    """What is to be done with the listing, and why."""

    id: str
    answer: "AnswerEnum"
    reasons: list[str]
    rule: str
    score: float
    profile: NotRequired[str | None]
    signals: list["Signal"]


class PrecheckRequest(TypedDict):
    """As the `data` of a `listing.upserted` event; only for the schema, the body is read as events are."""

    kind: NotRequired["TargetKind"]
    external_id: NotRequired[str]
    shop_external_id: NotRequired[str]
    title: NotRequired[str]
    description: NotRequired[str]
    category: NotRequired[str]
    price: NotRequired[str]
    currency: NotRequired[str]
    images: NotRequired[list[str]]
    attributes: NotRequired[dict[str, Any]]
    url: NotRequired[str]


class Problem(TypedDict):
    """Problem details (RFC 9457), for the API's description."""

    type: str
    code: str
    title: str
    status: int
    errors: NotRequired[dict[str, list[str]]]


class Proceeding(TypedDict):
    """Word of a complaint to an authority, or of a lawsuit."""

    id: str
    kind: "ProceedingKind"
    forum: str
    case_number: str
    filed_on: str
    proved_at: str
    is_late: bool
    result: "ProceedingResultEnum"
    ended_on: str | None


class Progress(TypedDict):
    """How far an intake is, in images."""

    total: int
    waiting: int
    taken: int
    refused: int
    given_up: int
    is_done: bool


class Protection(TypedDict):
    """What a stranger learns of a picture."""

    is_protected: bool
    shown: list["Certificate"]
    has_others: bool


class Prove(TypedDict):
    """Proof that you sued or, where the law of the marketplace lets it count, complained to the authority."""

    links: NotRequired[list[str] | None]
    kind: "ProceedingKind"
    forum: str
    case_number: str
    filed_on: str
    file: str


class Reason(TypedDict):
    """A serializer whose text fields take plain text."""

    reason: str


class Refer(TypedDict):
    """A serializer whose text fields take plain text."""

    body: str
    reference: str
    referred_on: str


class Referral(TypedDict):
    """The body outside that looks, or looked, at the case."""

    body: str
    certified_by: str
    reference: str
    referred_on: str
    finding: "FindingEnum | BlankEnum"
    found_on: str | None
    is_followed: bool | None


class RegisterAnswer(TypedDict):
    """A counter-notice that was passed on."""

    id: str
    number: str
    shop: str
    state: str
    forwarded_at: str


class RegisterAppeal(TypedDict):
    """An appeal about the entry."""

    id: str
    number: str
    kind: str
    state: str
    submitted_at: str
    decided_at: str | None
    body: str


class RegisterEntry(TypedDict):
    """A notice with everything that came of it. Natural persons appear masked."""

    id: str
    number: str
    received_at: str
    published_at: str
    changed_at: str
    regime: str
    infringement: str
    right_kind: str
    right_name: str
    registration_number: str
    holder: str
    complainant: str
    is_automated: bool
    is_withdrawn: bool
    links: list["RegisterLink"]
    statements: list["RegisterStatement"]
    counter_notices: list["RegisterAnswer"]
    appeals: list["RegisterAppeal"]
    history: list["RegisterLine"]


class RegisterFinding(TypedDict):
    """What was taken down on the platform's own initiative. Natural persons appear masked."""

    id: str
    number: str
    decided_at: str
    published_at: str
    reversed_at: str | None
    is_reversed_on_appeal: bool
    regime: str
    infringement: str
    right_kind: str
    right_name: str
    registration_number: str
    holder: str
    marketplace: str
    shop: str
    title: str
    kind: str
    rule: str
    rule_title: str
    rule_source: str
    is_automated: bool
    outcome: str


class RegisterLine(TypedDict):
    """One line of the history."""

    at: str
    words: str


class RegisterLink(TypedDict):
    """One thing that was complained of."""

    title: str
    kind: str
    shop: str
    marketplace: str
    outcome: str
    rule: str
    rule_title: str
    rule_source: str
    is_on_appeal: bool


class RegisterStatement(TypedDict):
    """A statement of reasons to a shop."""

    id: str
    number: str
    shop: str
    marketplace: str
    decided_at: str
    links: int


class Reject(TypedDict):
    """A serializer whose text fields take plain text."""

    reason: str


class ResolvedLink(TypedDict):
    """What one line is: `target` and where it was seen, or `problem` and a sentence about it."""

    link: str
    problem: "ProblemEnum | BlankEnum"
    message: str
    target: "ResolvedTarget | None"
    scene: "SceneEnum | BlankEnum"
    seconds: int | None
    shop: str
    image: str
    is_down: bool
    same_as: int | None


class ResolvedLinks(TypedDict):
    results: list["ResolvedLink"]


class ResolvedTarget(TypedDict):
    id: str
    kind: "TargetKind"
    title: str
    url: str
    marketplace: str


class Result(TypedDict):
    id: str | None
    status: "StatusEnum"
    detail: NotRequired[str]


class Results(TypedDict):
    results: list["Result"]


class Return(TypedDict):
    """A serializer whose text fields take plain text."""

    missing: str


class Right(TypedDict):
    """The right on which a complaint rests."""

    id: str
    number: str
    title: str
    kind: "RightKind"
    registration_number: str


class Rotate(TypedDict):
    """A serializer whose text fields take plain text."""

    overlap_hours: NotRequired["OverlapHoursEnum"]


class Rule(TypedDict):
    """A rule of the book that something follows, in the version of the time: /api/v1/rules/{code}/versions/{version}."""

    code: str
    version: int


class RuleVersion(TypedDict):
    """One version of a rule, in both languages."""

    id: str
    code: str
    version: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    source_zh: str
    source_en: str
    effect: "EffectEnum"
    counts_against: "CountsAgainstEnum | BlankEnum"
    points: int
    rights: list[str]
    targets: list[str]
    steps: list["Step"]
    effective_from: str
    effective_until: str | None
    sha256: str


class SaidOfShop(TypedDict):
    """What a profile says of one shop. The genuine sellers of the filing may sell too."""

    id: str
    title: str
    url: str
    marketplace: str
    is_authorised: bool
    note: str
    said_at: str


class SavedHit(TypedDict):
    """Something that a saved search found and that is still on sale."""

    found_at: str
    hit: "Hit"


class SavedSearch(TypedDict):
    id: str
    name: str
    asked: "Asked"
    is_paused: bool
    problem: str
    hits: int
    knows_all: bool
    looked_at: str | None
    told_at: str | None
    created_at: str


class ScorePart(TypedDict):
    """One part of a score: what it says, and how strongly it speaks for a copy."""

    name: str
    label: str
    text: str
    share_ratio: float


class SelfService(TypedDict):
    """Where self-service takedown stands."""

    state: "SelfServiceStateEnum | NullEnum"
    may_remove: bool
    conditions: list["Condition"]
    confirmed_links: int
    reversed_links: int
    taken_back_links: int
    rule: "Rule | None"


class Seller(TypedDict):
    """A shop that sells the genuine goods."""

    id: str
    title: str
    url: str
    marketplace: str


class Sheet(TypedDict):
    """A sheet that was handed in."""

    id: str
    name: str
    state: "SheetStateEnum"
    row_count: int
    header: list[str]
    columns: dict[str, str]
    for_all: dict[str, str]
    created_at: str
    confirmed_at: str | None
    progress: "SheetProgress | None"
    preview: "SheetPreview | None"


class SheetPreview(TypedDict):
    """What would come of a sheet: how many rows would be taken, and every bad one with its cells."""

    good: int
    bad: int
    becomes: dict[str, int]
    faults: list["BadRow"]


class SheetProgress(TypedDict):
    """How far a confirmed sheet is, in rows."""

    total: int
    waiting: int
    done: int
    left_out: int
    given_up: int


class SheetSummary(TypedDict):
    """A sheet as lists show it."""

    id: str
    name: str
    row_count: int
    created_at: str
    confirmed_at: str | None


class ShopLinks(TypedDict):
    """A serializer whose text fields take plain text."""

    links: list[str]


class ShopOfHit(TypedDict):
    id: str
    name: str


class ShopStanding(TypedDict):
    """Where one shop stands."""

    shop: str
    title: str
    points: int
    points_to_next_step: int
    strikes: list["Strike"]
    penalties: list["Penalty"]


class ShopsSaid(TypedDict):
    """A serializer whose text fields take plain text."""

    shops: list[str]
    is_authorised: NotRequired[bool]
    note: NotRequired[str]


class Showing(TypedDict):
    """A listing, video or livestream that shows a picture."""

    target: str
    kind: "TargetKind"
    external_id: str
    title: str
    shop: str
    shop_title: str
    marketplace: str
    link: str
    seconds: int | None
    score: float
    tier: "TierEnum"
    edits: list[str]


class SignSheet(TypedDict):
    """What stands under every complaint of the sheet."""

    all_or_nothing: NotRequired[bool]
    signature: str
    good_faith: bool


class Signal(TypedDict):
    signal: str
    strength: float
    data: dict[str, Any]


class SomeLinks(TypedDict):
    """A serializer whose text fields take plain text."""

    links: NotRequired[list[str] | None]


class Standing(TypedDict):
    """Whether a link is up or down, in words, and why."""

    label: str
    why: str


class Statement(TypedDict):
    """A serializer whose text fields take plain text."""

    text: str


class Step(TypedDict):
    points: int
    measure: "PenaltyMeasure"
    days: int | None


class Strike(TypedDict):
    id: str
    rule: str
    rule_version: int
    case: str
    statement: NotRequired[str | None]
    reason: str
    points: int
    is_doubled: bool
    counted_at: str
    expires_at: str
    taken_back_at: str | None
    taken_back_reason: str


class Supplement(TypedDict):
    """A serializer whose text fields take plain text."""

    text: str
    test_buy_order: NotRequired[str]
    evidence: NotRequired[list[str]]
    evidence_is_private: NotRequired[bool]


class Suspension(TypedDict):
    """A warning of misuse, or a suspension."""

    id: str
    number: str
    state: "SuspensionStateEnum"
    state_since_at: str
    until_at: str | None
    notified_at: str | None
    facts: str
    suspended_facts: str


class Terms(TypedDict):
    """What a lane allows."""

    links: int
    open_complaints: int
    time_ratio: float


class TimeStamp(TypedDict):
    """Whether an RFC 3161 authority has stamped a head: `covered` says that a later head's token covers this one."""

    state: "TimeStampStateEnum"
    at: NotRequired[str]
    token: NotRequired[str]
    size: NotRequired[int]


class TreeHead(TypedDict):
    """The ledger up to some size in one hash, signed."""

    size: int
    root_hash: str
    at: str
    key: str
    note: str
    time_stamp: "TimeStamp"


class WatchProfile(TypedDict):
    """A watch profile: what it looks for, who may sell, its pictures, and what can be done about it now."""

    id: str
    number: str
    filing: str
    kind: "WatchProfileKind"
    name: str
    state: NotRequired["WatchProfileState"]
    state_since_at: NotRequired[str]
    asked: int
    upheld: int
    created_at: NotRequired[str]
    changed_at: NotRequired[str]
    version: NotRequired[int]
    names: list[str]
    code_words: list[str]
    honest_words: list[str]
    categories: list[str]
    isbn: NotRequired[str]
    publisher: NotRequired[str]
    model_number: NotRequired[str]
    currency: NotRequired[str]
    list_price: NotRequired[str | None]
    usual_price: NotRequired[str | None]
    price_floor: NotRequired[str | None]
    packaging_notes: NotRequired[str]
    is_automatic: NotRequired[bool]
    shops: list["SaidOfShop"]
    pictures: list["OfficialPicture"]
    available_actions: list[str]


class WatchProfileSummary(TypedDict):
    """A watch profile as lists show it."""

    id: str
    number: str
    filing: str
    kind: "WatchProfileKind"
    name: str
    state: NotRequired["WatchProfileState"]
    state_since_at: NotRequired[str]
    asked: int
    upheld: int
    created_at: NotRequired[str]
    changed_at: NotRequired[str]
    version: NotRequired[int]


class Webhook(TypedDict):
    """Where events go. The secret is told when it is made, and never again."""

    id: str
    url: str
    events: list["EventsEnum"]
    is_on: bool
    created_at: NotRequired[str]
    old_secret_until: NotRequired[str | None]


class WebhookMessage(TypedDict):
    """One message and what became of it."""

    id: str
    event: str
    about: str
    state: "WebhookMessageState"
    attempts: NotRequired[int]
    created_at: NotRequired[str]
    next_try_at: str | None
    done_at: NotRequired[str | None]
    last_error: NotRequired[str]


class WebhookMessageDetail(TypedDict):
    """One message with what was sent, and every try."""

    id: str
    event: str
    about: str
    state: "WebhookMessageState"
    attempts: NotRequired[int]
    created_at: NotRequired[str]
    next_try_at: str | None
    done_at: NotRequired[str | None]
    last_error: NotRequired[str]
    body: str
    tries: list["WebhookTry"]


class WebhookTry(TypedDict):
    at: str
    took_ms: NotRequired[int]
    status: NotRequired[int | None]
    answer: NotRequired[str]
    error: NotRequired[str]


class WebhookWithSecret(TypedDict):
    """As it is told once: with the secret that verifies what comes; null where the answer is a repetition."""

    id: str
    url: str
    events: list["EventsEnum"]
    is_on: bool
    created_at: NotRequired[str]
    old_secret_until: NotRequired[str | None]
    secret: str | None


class Withdraw(TypedDict):
    """A serializer whose text fields take plain text."""

    links: NotRequired[list[str] | None]
    reason: NotRequired[str]


class Write(TypedDict):
    """A message inside a case."""

    text: str
    files: NotRequired[list[str]]
    party: NotRequired[str]
