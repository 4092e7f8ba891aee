"""The decode core: rounds, acceptance, drafters, slots, stop rules."""
