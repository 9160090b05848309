"""What river's checks of all estimators are, and which functions it ships."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import river.checks
from river.checks import common

Check = Callable[..., None]

EVENTS, EVENTS_LONG = 200, 2000  # as river scales them

WITHOUT_STREAM: tuple[Check, ...] = (
    common.check_repr,
    common.check_str,
    common.check_tags,
    common.check_clone_same_class,
    common.check_clone_is_idempotent,
    common.check_init_has_default_params_for_tests,
    common.check_init_default_params_are_not_mutable,
    common.check_doc,
    common.check_clone_changes_memory_addresses,
    common.check_mutate_can_be_idempotent,
    common.check_pickling_supports_roundtrip,
    common.check_repr_roundtrips_clone,
    common.check_clone_with_new_params_applies,
    common.check_get_params_matches_signature,
    common.check_mutable_attributes_exist,
)
ON_A_STREAM: tuple[Check, ...] = (
    common.check_learn_one,
    common.check_pickling,
    common.check_shuffle_features_no_impact,
    common.check_emerging_features,
    common.check_disappearing_features,
    common.check_radically_disappearing_features,
    common.check_predict_one_pure,
    common.check_predict_one_before_any_learn,
    common.check_no_state_aliasing_with_input,
    common.check_clone_is_independent,
    common.check_seeding_is_idempotent,
)
IN_BATCHES: tuple[Check, ...] = (
    common.check_predict_many_matches_predict_one,
    common.check_learn_many_matches_learn_one,
)
ON_A_LONG_STREAM: tuple[Check, ...] = (common.check_bounded_memory_growth,)


def full_name(check: Check) -> str:
    return f"{check.__module__}.{check.__name__}"


def shipped() -> Iterator[str]:
    """Name every function of river.checks whose name begins with check_."""
    modules = [river.checks]
    for found in pkgutil.walk_packages(river.checks.__path__, prefix="river.checks."):
        modules.append(importlib.import_module(found.name))
    for module in modules:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("check_"):
                yield full_name(function)
