"""Who consumes what: the whole flow of the house on one page, event → consumers.

A consumer is a function of a room that takes the subject's public id. A lower room never names an upper one:
it publishes, and this table tells who listens. What `ippro.webhooks` hears goes out to organisations' own systems.
"""

from core.outbox import Consumer

#: what each room moves when an organisation without papers turns out to be one with them, in this order, in one transaction
CARRIED = (
    "accounts.guests.carrying.carry_accounts",
    "filings.carrying.carry",
    "complaints.public.carrying.carry",
    "governance.appeals.carrying.carry",
)

#: what each room knows of a reviewer's day: cases on their desk, and those that they worked off since a moment
WORK = ("complaints.assigning.work_on_complaints", "governance.appeals.assigning.work_on_appeals")

CONSUMERS: dict[str, tuple[Consumer, ...]] = {
    # a target of the mirror is new or says something new about itself
    "target.changed": (
        Consumer("imageguard.seeing.see_target", queue="images"),
        Consumer("patrol.scanning.target_changed", queue="patrol"),
    ),
    # a shop is new or says something new about itself; subject: the shop
    "shop.changed": (Consumer("governance.penalties.shops.shop_changed"),),
    # whose goods a shop may sell is another question now: it lost its operator, became a genuine or an authorised seller of
    # a right, or is so no more; subject: the shop
    "seller.changed": (Consumer("patrol.scanning.seller_changed", queue="patrol"),),
    # a seller put up again what is held down; subject: the target
    "target.relisted": (Consumer("governance.penalties.points.relisted"),),
    # the marketplace confirmed a takedown or a reinstatement, or it was given up; subject: the target
    "enforcement.settled": (
        Consumer("complaints.services.enforcement_settled"),
        Consumer("patrol.rechecks.enforcement_settled", queue="patrol"),
        Consumer("ippro.webhooks.links_settled"),
    ),
    # one more case holds what is down already; subject: the target
    "target.held_besides": (Consumer("patrol.rechecks.enforcement_settled", queue="patrol"),),
    # an organisation's papers were accepted; subject: the organisation
    "organisation.verified": (
        Consumer("marketplace.services.link_shops"),
        Consumer("accounts.guests.carrying.organisation_verified"),
        Consumer("ippro.webhooks.organisation_verified"),
    ),
    # a power of attorney was handed in, confirmed, decided on or ended; subject: the power
    "power.moved": (Consumer("ippro.webhooks.power_moved"),),
    # a right came into force, or ended; subject: the filing
    "filing.approved": (Consumer("ippro.webhooks.filing_approved"),),
    # staff sent it back, or refused it; subject: the filing
    "filing.returned": (Consumer("ippro.webhooks.filing_returned"),),
    "filing.rejected": (Consumer("ippro.webhooks.filing_rejected"),),
    "filing.ended": (
        Consumer("patrol.profiles.filing_ended"),
        Consumer("ippro.webhooks.filing_ended"),
    ),
    # steps of an original image; subject: the original
    "original.certified": (
        Consumer("imageguard.letters.original_changed"),
        Consumer("ippro.webhooks.original_certified"),
    ),
    "original.in_conflict": (
        Consumer("imageguard.letters.original_changed"),
        Consumer("ippro.webhooks.original_in_conflict"),
    ),
    "original.refused": (
        Consumer("imageguard.letters.original_changed"),
        Consumer("ippro.webhooks.original_refused"),
    ),
    "original.ended": (
        Consumer("imageguard.seeing.original_ended"),
        Consumer("imageguard.letters.original_changed"),
        Consumer("ippro.webhooks.original_ended"),
    ),
    # a certificate ended that has more copies than one transaction lets go of; subject: the original
    "original.copies_left": (Consumer("imageguard.seeing.original_ended"),),
    # a conflict about who was first was settled; subject: the conflict
    "conflict.settled": (Consumer("imageguard.letters.conflict_settled"),),
    # a shop may use an image from now on; subject: the licence
    "licence.granted": (Consumer("imageguard.seeing.licence_granted"),),
    # a shop may use it no longer; subject: the licence
    "licence.ended": (Consumer("imageguard.seeing.licence_ended", queue="images"),),
    # a copy of an original was found, and it is sure or a reviewer confirmed it; subject: the match
    "match.confirmed": (
        Consumer("complaints.automatic.match_confirmed"),
        Consumer("imageguard.letters.match_changed"),
        Consumer("ippro.webhooks.match_confirmed"),
    ),
    # a copy of which its holder knew was found to be none; subject: the match
    "match.dismissed": (
        Consumer("imageguard.letters.match_changed"),
        Consumer("ippro.webhooks.match_dismissed"),
    ),
    # an image on a marketplace shows an official picture, or does so no longer; subject: the image
    "image.sighted": (Consumer("patrol.official.image_sighted"),),
    # a target begins or ceases to show such an image; subject: the target
    "target.sighted": (Consumer("patrol.official.target_sighted"),),
    # a profile has an official picture more or less; subject: the official picture
    "profile.picture_added": (Consumer("patrol.official.picture_added", queue="images"),),
    "profile.picture_removed": (Consumer("patrol.official.picture_removed", queue="images"),),
    # somebody left an organisation and handed over to a colleague; subject: the departure
    "member.left": (
        Consumer("filings.services.drafts_handed_over"),
        Consumer("complaints.services.drafts_handed_over"),
    ),
    # steps of a complaint; subject: the complaint
    "complaint.submitted": (
        Consumer("complaints.letters.submitted"),
        Consumer("complaints.abuse.looking.complainant_acted"),
        Consumer("ippro.webhooks.complaint_submitted"),
    ),
    "complaint.accepted": (
        Consumer("complaints.letters.accepted"),
        Consumer("ippro.webhooks.complaint_accepted"),
    ),
    "complaint.returned": (
        Consumer("complaints.letters.returned"),
        Consumer("ippro.webhooks.complaint_returned"),
    ),
    "complaint.rejected": (
        Consumer("complaints.letters.rejected"),
        Consumer("ippro.webhooks.complaint_rejected"),
    ),
    "complaint.decided": (
        Consumer("complaints.services.tell_if_settled"),
        Consumer("complaints.abuse.looking.complainant_acted"),
        Consumer("governance.penalties.points.complaint_changed"),
        Consumer("ippro.webhooks.complaint_decided"),
    ),
    # the parties were told how it was decided; subject: the complaint
    "complaint.told": (Consumer("ippro.webhooks.notices_sent"),),
    # a party or the platform wrote inside a case; subject: the message
    "message.written": (Consumer("complaints.conversations.written"),),
    # links were turned round on appeal, on a merchant's answer, or on review of a removal; subject: the new decision
    "complaint.decided_anew": (
        Consumer("complaints.services.tell_what_settled_anew"),
        Consumer("complaints.selfservice.decided_anew"),
        Consumer("governance.appeals.services.decided_anew"),
        Consumer("governance.penalties.points.decided_anew"),
        Consumer("ippro.webhooks.complaint_decided_anew"),
    ),
    # what a holder took down by itself counts: staff reviewed it, or nobody appealed in time; subject: the complaint
    "removal.stands": (Consumer("governance.penalties.points.complaint_changed"),),
    # a court's order about links of it was carried out
    "complaint.ordered": (
        Consumer("complaints.letters.ordered"),
        Consumer("complaints.selfservice.court_ordered"),
        Consumer("complaints.services.tell_if_settled"),
        Consumer("governance.appeals.services.complaint_withdrawn"),
        Consumer("governance.penalties.points.complaint_changed"),
        Consumer("ippro.webhooks.complaint_ordered"),
    ),
    "complaint.withdrawn": (
        Consumer("complaints.letters.withdrawn"),
        Consumer("complaints.public.services.complaint_withdrawn"),
        Consumer("complaints.services.tell_if_settled"),
        Consumer("complaints.abuse.looking.complainant_acted"),
        Consumer("governance.appeals.services.complaint_withdrawn"),
        Consumer("governance.penalties.points.complaint_changed"),
        Consumer("ippro.webhooks.complaint_withdrawn"),
    ),
    # steps of a counter-notice; subject: the counter-notice
    "counter_notice.submitted": (
        Consumer("complaints.counter_letters.submitted"),
        Consumer("ippro.webhooks.counter_notice_submitted"),
    ),
    "counter_notice.returned": (
        Consumer("complaints.counter_letters.returned"),
        Consumer("ippro.webhooks.counter_notice_returned"),
    ),
    "counter_notice.lapsed": (
        Consumer("complaints.counter_letters.lapsed"),
        Consumer("ippro.webhooks.counter_notice_lapsed"),
    ),
    "counter_notice.forwarded": (
        Consumer("complaints.counter_letters.forwarded"),
        Consumer("ippro.webhooks.counter_notice_forwarded"),
    ),
    "counter_notice.waiting": (
        Consumer("complaints.counter_letters.waiting"),
        Consumer("ippro.webhooks.counter_notice_waiting"),
    ),
    "counter_notice.moved": (Consumer("complaints.counter_letters.moved"),),
    # some of its links were settled: proved, conceded, released, kept down
    "counter_notice.settled": (
        Consumer("complaints.counter_letters.settled"),
        Consumer("complaints.selfservice.counter_notice_settled"),
        Consumer("governance.appeals.services.counter_notice_settled"),
        Consumer("governance.penalties.points.counter_notice_settled"),
        Consumer("ippro.webhooks.counter_notice_settled"),
    ),
    "counter_notice.withdrawn": (
        Consumer("complaints.counter_letters.withdrawn"),
        Consumer("ippro.webhooks.counter_notice_withdrawn"),
    ),
    # steps of an appeal; subject: the appeal
    "appeal.submitted": (
        Consumer("governance.appeals.letters.submitted"),
        Consumer("ippro.webhooks.appeal_submitted"),
    ),
    "appeal.returned": (
        Consumer("governance.appeals.letters.returned"),
        Consumer("ippro.webhooks.appeal_returned"),
    ),
    "appeal.decided": (
        Consumer("governance.appeals.letters.decided"),
        Consumer("ippro.webhooks.appeal_decided"),
    ),
    # it was withdrawn, settled, referred to a body outside, or that body's finding was recorded
    "appeal.moved": (
        Consumer("governance.appeals.letters.moved"),
        Consumer("ippro.webhooks.appeal_moved"),
    ),
    # a penalty against a shop is in force, or is so no longer; subject: the penalty
    "penalty.begun": (Consumer("ippro.webhooks.penalty_begun"),),
    "penalty.over": (
        Consumer("governance.penalties.shops.penalty_over"),
        Consumer("governance.penalties.points.penalty_over"),
        Consumer("ippro.webhooks.penalty_over"),
    ),
    # a complainant was suspended for misuse; subject: the suspension
    "suspension.begun": (Consumer("complaints.selfservice.suspension_begun"),),
    # a holder takes down by itself no longer; subject: the privilege
    "privilege.ended": (),
    # patrol found something, or found it anew; subject: the candidate
    "candidate.found": (Consumer("patrol.official.candidate_found"),),
    # a candidate was upheld or reversed; subject: the decision on it
    "candidate.decided": (
        Consumer("patrol.letters.decided"),
        Consumer("governance.appeals.services.finding_decided"),
        Consumer("governance.penalties.points.finding_decided"),
    ),
    # a profile ended that found more than one transaction lets go of; subject: the profile
    "profile.finds_left": (Consumer("patrol.profiles.let_rest_go", queue="patrol"),),
    # a brand was asked about a candidate; subject: the candidate
    "candidate.brand_asked": (
        Consumer("patrol.letters.brand_asked"),
        Consumer("ippro.webhooks.candidate_brand_asked"),
    ),
}
