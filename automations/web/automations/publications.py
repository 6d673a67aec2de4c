"""Publishing: make the draft that a person has reviewed the live version."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, g, request, url_for
from werkzeug.wrappers import Response as Answer

from automations.features.authoring import publish
from automations.features.authoring.publish import ExamplesBreak, NotPublishable
from automations.features.rollout.publish_review import obstacles
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.web.automations import reviews
from automations.web.automations.reviews import ChangedMeanwhile
from automations.web.builder import submit
from automations.web.builder.publish_warnings import empty_fields_of
from automations.web.kit.fragments import go_to
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_publications", __name__, url_prefix="/automations/<int:automation_id>")

#: The most fields that may be empty, named in the sentence after publishing; the page lists them all.
MOST_NAMED = 3
NOTHING = "There is nothing to publish: the draft is the same as version {}, which is {}."


@bp.post("/publications")
def create(automation_id: int) -> Response | Answer:
    automation, now = automation_or_404(automation_id), dt.datetime.now(dt.UTC)
    if "reviewed" not in request.form:
        # Nobody has read what publishing would do: show it, and publish nothing.
        return go_to(url_for("automation_reviews.show", automation_id=automation.id))
    try:
        with write() as session:
            reviews.lock_reviewed(session, automation)
            if not publish.has_unpublished_changes(automation):
                return _nothing(automation)
            stops = obstacles(session, g.store, submit.words_of_store(), automation, now)
            if stops:
                return reviews.page(automation, 422, stops[0].sentence)
            reason = request.form.get("reason", "")
            version = publish.publish(session, automation, g.user, now, reason)
            submit.note_published(version, automation, now)
    except ChangedMeanwhile as changed:
        return reviews.page(automation, 409, str(changed))
    except ExamplesBreak:
        return reviews.page(automation, 422, reviews.REASON_NEEDED)
    except NotPublishable as error:
        return reviews.page(automation, 422, str(error))
    return _published(automation)


def _nothing(automation: Automation) -> Answer:
    on = automation.active_version_id == automation.latest_version_id
    number = automation.latest_version.number if automation.latest_version else 0
    return submit.back_to_builder(automation, NOTHING.format(number, "live" if on else "switched off"))


def _published(automation: Automation) -> Answer:
    version = automation.latest_version
    sentence = f"Version {version.number} is published and live." if version else "Published."
    empty = empty_fields_of(g.store, submit.words_of_store(), automation.draft, ())
    sentences = [sentence, *(one.sentence for one in empty[:MOST_NAMED])]
    return submit.back_to_builder(automation, " ".join(sentences))
