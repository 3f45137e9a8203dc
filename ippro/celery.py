"""The Celery app. Messages are hints: beat sweeps whatever is due, so a lost one costs seconds."""

import os

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ippro.settings")

app = Celery("ippro")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "drain-outbox": {"task": "core.tasks.drain_outbox", "schedule": 2.0},
    "send-mail": {"task": "core.tasks.send_due_mail", "schedule": 2.0},
    "reconcile": {
        "task": "marketplace.tasks.reconcile_due",
        "schedule": 2.0,
        "options": {"queue": "enforcement"},
    },
    "restrict": {"task": "marketplace.tasks.restrict_due", "schedule": 5.0, "options": {"queue": "enforcement"}},
    "end-penalties": {"task": "governance.tasks.end_penalties", "schedule": 30.0},
    "capture-pictures": {
        "task": "marketplace.tasks.capture_pictures",
        "schedule": 5.0,
        "options": {"queue": "images"},
    },
    "seal-ledger": {"task": "core.tasks.seal_ledger", "schedule": 5.0, "options": {"queue": "reports"}},
    "seal-late": {"task": "core.tasks.seal_what_was_late", "schedule": 60.0, "options": {"queue": "reports"}},
    "seal-left": {"task": "core.tasks.seal_what_was_left", "schedule": 3600.0, "options": {"queue": "reports"}},
    "stamp-tree-heads": {"task": "core.tasks.stamp_tree_heads", "schedule": 10.0, "options": {"queue": "reports"}},
    "check-originals": {"task": "imageguard.tasks.check_due", "schedule": 5.0, "options": {"queue": "images"}},
    "take-in-images": {"task": "imageguard.tasks.take_in_due", "schedule": 5.0, "options": {"queue": "images"}},
    "look-at-images": {"task": "imageguard.tasks.look_due", "schedule": 5.0, "options": {"queue": "images"}},
    "put-official-pictures": {
        "task": "imageguard.tasks.put_official_due",
        "schedule": 5.0,
        "options": {"queue": "images"},
    },
    "draw-explanations": {"task": "imageguard.tasks.draw_due", "schedule": 5.0, "options": {"queue": "images"}},
    "tell-holders": {"task": "imageguard.tasks.tell_holders", "schedule": 30.0},
    "forget-images": {"task": "imageguard.tasks.forget_images", "schedule": 86_400.0, "options": {"queue": "images"}},
    "tidy-indexes": {"task": "imageguard.tasks.tidy_indexes", "schedule": 86_400.0, "options": {"queue": "images"}},
    "forget-old": {"task": "core.tasks.forget_old", "schedule": 3600.0},
    "forget-sessions": {"task": "core.tasks.forget_sessions", "schedule": 86_400.0},
    "forget-events": {"task": "marketplace.tasks.forget_old_events", "schedule": 3600.0},
    "index-search": {"task": "marketplace.tasks.index_search", "schedule": 86_400.0, "options": {"queue": "reports"}},
    "complaint-deadlines": {"task": "complaints.tasks.pass_deadlines", "schedule": 30.0},
    "assign-cases": {"task": "complaints.tasks.assign_cases", "schedule": 60.0},
    "counter-notice-deadlines": {"task": "complaints.tasks.pass_counter_deadlines", "schedule": 15.0},
    "recount-waiting-periods": {"task": "complaints.tasks.recount_waiting_periods", "schedule": 86_400.0},
    "complain-of-copies": {
        "task": "complaints.tasks.complain_of_copies",
        "schedule": 60.0,
        "options": {"queue": "images"},
    },
    "complain-of-rows": {"task": "complaints.tasks.complain_of_rows", "schedule": 5.0},
    "take-in-rows": {"task": "marketplace.tasks.take_in_rows", "schedule": 5.0},
    "answer-rows": {"task": "complaints.tasks.answer_rows", "schedule": 5.0},
    "draft-rows": {"task": "filings.tasks.draft_rows", "schedule": 5.0},
    "forget-unconfirmed": {"task": "complaints.tasks.forget_unconfirmed_notices", "schedule": 3600.0},
    "erase-guests": {"task": "complaints.tasks.erase_guests", "schedule": 86_400.0, "options": {"queue": "reports"}},
    "look-for-hits": {"task": "complaints.tasks.look_for_hits", "schedule": 60.0, "options": {"queue": "reports"}},
    "look-for-abuse": {"task": "complaints.tasks.look_for_abuse", "schedule": 300.0, "options": {"queue": "reports"}},
    "end-suspensions": {"task": "complaints.tasks.end_suspensions", "schedule": 60.0},
    "days-of-powers": {"task": "accounts.tasks.pass_days_of_powers", "schedule": 60.0},
    "forget-sign-in-traces": {"task": "accounts.tasks.forget_sign_in_traces", "schedule": 86_400.0},
    "send-webhooks": {"task": "accounts.tasks.send_webhooks", "schedule": 2.0, "options": {"queue": "webhooks"}},
    "forget-webhooks": {"task": "accounts.tasks.forget_webhooks", "schedule": 3600.0},
    "appeal-deadlines": {"task": "governance.tasks.pass_appeal_deadlines", "schedule": 60.0},
    "assign-appeals": {"task": "governance.tasks.assign_appeals", "schedule": 60.0},
    "draw-second-looks": {"task": "governance.tasks.draw_second_looks", "schedule": 3600.0},
    "let-removals-stand": {"task": "governance.tasks.let_removals_stand", "schedule": 60.0},
    "candidate-deadlines": {"task": "patrol.tasks.pass_candidate_deadlines", "schedule": 60.0},
    "filing-deadlines": {"task": "filings.tasks.pass_deadlines", "schedule": 60.0},
    "inspect-targets": {"task": "patrol.tasks.inspect_due", "schedule": 5.0, "options": {"queue": "patrol"}},
    "scan-markets": {"task": "patrol.tasks.scan_due", "schedule": 5.0, "options": {"queue": "patrol"}},
    "begin-owed-scans": {"task": "patrol.tasks.begin_owed_scans", "schedule": 30.0, "options": {"queue": "patrol"}},
    "scan-by-calendar": {"task": "patrol.tasks.scan_by_calendar", "schedule": 3600.0, "options": {"queue": "patrol"}},
    "find-leads": {"task": "patrol.tasks.find_leads", "schedule": 86_400.0, "options": {"queue": "patrol"}},
    "look-again": {"task": "patrol.tasks.recheck_due", "schedule": 10.0, "options": {"queue": "patrol"}},
    "take-down-sure-finds": {
        "task": "patrol.tasks.take_down_sure_finds",
        "schedule": 60.0,
        "options": {"queue": "patrol"},
    },
    "forget-prechecks": {"task": "patrol.tasks.forget_prechecks", "schedule": 86_400.0, "options": {"queue": "patrol"}},
    "measure-prices": {"task": "patrol.tasks.measure_prices", "schedule": 86_400.0, "options": {"queue": "reports"}},
    "train-risk-model": {
        "task": "patrol.tasks.train_risk_model",
        "schedule": 86_400.0,
        "options": {"queue": "reports"},
    },
    "sweep-files": {"task": "core.tasks.sweep_orphaned_files", "schedule": 3600.0},
}
# A sweep that nobody took in time is worth nothing: the next one does the same.
for _entry in app.conf.beat_schedule.values():
    _entry.setdefault("options", {})["expires"] = max(_entry["schedule"] * 2, 10)


@task_prerun.connect
def usable_connection(**kwargs: object) -> None:
    """Connections outlive a task (CELERY_DB_REUSE_MAX), so that one which broke is dropped before the next task."""
    from django.db import close_old_connections

    close_old_connections()


@task_prerun.connect
def moved_clock(**kwargs: object) -> None:
    """A task begins with the time that it is in the demo now, whenever its worker was started."""
    from django.conf import settings

    from core import demo_clock

    if settings.CLOCK_CAN_MOVE:
        demo_clock.look()
