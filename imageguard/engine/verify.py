"""From a candidate to a judgement: where its points lay it over the suspect picture, and what the pixels say there."""

from imageguard.engine import geometry, pixels, score, thresholds
from imageguard.engine.evidence import Evidence
from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.score import Judgement
from imageguard.engine.shared import Mask
from imageguard.engine.suspect import View


def verify(original: Fingerprint, mask: Mask, view: View, *, always_closely: bool = True) -> Judgement | None:
    """None where no map lays the original over the suspect. Unless `always_closely`, what few points lay there
    and would not become a copy by a closer look is judged from afar."""
    everything = geometry.match(original.projected, view.projected)
    for leave_out_shared in (False, True) if mask else (False,):
        matches = everything
        if leave_out_shared:
            ours = ~mask.covers(original.features.xy[matches.ours])
            matches = geometry.Matches(matches.ours[ours], matches.theirs[ours], matches.weight[ours])
        aligned = geometry.align(original.features, view.features, matches)
        if aligned is None:
            continue
        judged = None
        from_afar = aligned.points < thresholds.FEW_POINTS and not always_closely
        for comparison in pixels.compare(original.copy, view.pyramid, aligned.matrix, from_afar=from_afar):
            judged = score.judge(Evidence(aligned.points, mask, original.copy, comparison))
            if comparison.from_afar:
                if judged.score < thresholds.HOPELESS:
                    break
                judged = None  # a closer look decides
        if judged is None:
            continue
        comparison = judged.evidence.comparison
        if leave_out_shared or (comparison.from_afar and not mask):
            return judged
        # So many blocks that nobody shares must agree before an alignment by all points, shared or not, is believed; from
        # afar they are four times as large.
        if (judged.evidence.own & (comparison.likeness > 0.7)).sum() >= 12:
            return judged
    return None
