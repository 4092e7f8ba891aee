"""Every preset can be trained as it stands: shapes that are whole, batches of whole rows, drafts that fit."""

from __future__ import annotations

import pytest

from ....models.pairing import SMALLEST_RATIO
from ....models.training.commands import PHASES
from ....models.training.network import Decoder
from ....models.training.presets import PRESETS, Preset

every = pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))


@every
def test_heads_share_keys_evenly_and_can_be_rotated(preset: Preset) -> None:
    for shape in (preset.target, preset.draft):
        assert shape.heads % shape.kv_heads == 0
        assert shape.head_dim % 2 == 0


@every
def test_the_draft_scores_the_targets_tokens_and_is_much_smaller(preset: Preset) -> None:
    sizes = [Decoder(shape).size() for shape in (preset.draft, preset.target)]
    assert preset.draft.vocab == preset.target.vocab <= 1 << 16  # rows hold 16 bits a token
    assert SMALLEST_RATIO <= sizes[0] / sizes[1] <= 1 / 3


@every
def test_a_batch_is_of_whole_parts_and_each_part_holds_a_row_of_every_length(preset: Preset) -> None:
    for batch in (preset.batch, preset.draft_batch):
        assert batch % min(batch, preset.micro) == 0
        assert min(batch, preset.micro) >= preset.long_length


@every
def test_rows_grow_and_end_within_the_context(preset: Preset) -> None:
    assert preset.length <= preset.decay_length <= preset.long_length <= preset.target.context
    assert preset.draft.context >= preset.target.context


@every
def test_a_warm_up_is_over_long_before_its_phase(preset: Preset) -> None:
    assert preset.warmup <= preset.amounts.stable / 2
    assert preset.warmup // 4 <= preset.amounts.draft / 2


@every
def test_every_amount_is_of_a_phase_or_of_the_draft(preset: Preset) -> None:
    amounts = vars(preset.amounts)
    assert amounts.keys() - set(PHASES) == {"draft", "own", "prompts"}
    assert all(amount > 0 for amount in amounts.values())
