"""A category of service from its text: how it is reached, shared out, counted and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geodata.catalogue.entry import CatalogueError, check_known, text_of
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.decay import Decay, Exponential, Gaussian, Logistic, Power, StepWeights
from geodata.model import CareStep, Sector, ServiceMethod, ServiceMode, StandardKind

DECAYS: Mapping[str, Callable[..., Decay]] = {
    "gaussian": Gaussian,
    "exponential": Exponential,
    "power": Power,
    "logistic": Logistic,
}
#: Methods that give a place to one person, or none: each person counts for one.
_ONE_BY_ONE = (ServiceMethod.WITHIN, ServiceMethod.ALLOCATION)


def service_of(key: str, entry: dict[str, Any]) -> ServiceCategory:
    """A category from its entry, whose keys are taken out; ValueError for what cannot be."""
    return ServiceCategory(
        id=key,
        name=text_of(entry, "name"),
        capacity_unit=text_of(entry, "capacity_unit"),
        supply=tuple(entry.pop("supply", ())),
        demand=entry.pop("demand", None),
        use_rates=tuple((name, float(x)) for name, x in entry.pop("use_rates", {}).items()),
        demand_period=entry.pop("demand_period", None),
        per=float(entry.pop("per", 100)),
        periods=tuple(entry.pop("periods", ())),
        sector=Sector(entry.pop("sector")),
        care_step=CareStep(entry.pop("care_step")),
        mode=ServiceMode(entry.pop("mode", ServiceMode.PLACE)),
        method=ServiceMethod(entry.pop("method")),
        decay=_decay(entry),
        service_area=entry.pop("service_area", None),
        week_share=float(entry.pop("week_share", 1)),
        capacity_error=float(entry.pop("capacity_error", 0)),
        declared_on=entry.pop("declared_on"),
        standards=tuple(_standard(dict(item)) for item in entry.pop("standards", ())),
    )


def _standard(entry: dict[str, Any]) -> Standard:
    made = Standard(
        id=entry.pop("id"),
        kind=StandardKind(entry.pop("kind")),
        period=entry.pop("period"),
        name=text_of(entry, "name"),
        value=entry.pop("value", None),
        error=float(entry.pop("error", 0)),
    )
    if entry:
        raise ValueError(f"unknown keys in a standard: {sorted(entry)}")
    if not 0 <= made.error < 1:
        raise ValueError("the error of a standard is a share, from 0 to below 1")
    if made.kind is StandardKind.COMPARATIVE and (made.value is not None or made.error):
        raise ValueError("a comparative standard is computed: it declares neither value nor error")
    if made.kind is StandardKind.FIXED and made.value is None:
        raise ValueError("a fixed standard declares its value")
    return made


def _decay(entry: dict[str, Any]) -> Decay | None:
    """How fast a place counts less with travel time: zones, or a named curve."""
    if "upper_minutes" in entry:
        bounds = tuple(float(x) for x in entry.pop("upper_minutes"))
        return StepWeights(bounds, tuple(float(x) for x in entry.pop("weights")))
    if "decay" not in entry:
        return None
    curve = dict(entry.pop("decay"))
    return DECAYS[curve.pop("kind")](**curve)


def check_service(service: ServiceCategory, made: Catalogue, levels: set[str]) -> None:
    """Raise CatalogueError when a category names what is not described, or lacks a part."""
    check_known("services", service.id, service.variables, made.variables)
    if service.service_area is not None:
        check_known("services", service.id, (service.service_area,), levels)
    complaint = _mode_complaint(service) or _method_complaint(service)
    if complaint:
        raise CatalogueError(f"services.toml, [{service.id}]: {complaint}")


def _mode_complaint(service: ServiceCategory) -> str:
    """What its mode lacks; empty when nothing."""
    needed = {
        ServiceMode.PLACE: service.decay is not None or service.method is ServiceMethod.NONE,
        ServiceMode.ITINERANT: service.decay is not None and service.week_share < 1,
        ServiceMode.CATCHMENT: service.service_area is not None and service.decay is None,
        ServiceMode.REMOTE: service.decay is None and service.service_area is None,
    }
    if needed[service.mode]:
        return ""
    return (
        "a service at a place that is computed needs zones or a decay, an itinerant one a "
        "week_share below 1 too, one over a catchment its service_area alone, a remote one neither"
    )


def _method_complaint(service: ServiceCategory) -> str:
    """What its method lacks; empty when nothing."""
    method, decay = service.method, service.decay
    if method is ServiceMethod.NONE:
        return ""
    if not (service.supply and service.demand and service.periods):
        return f"{method} needs supply, demand and periods"
    is_one_zone = isinstance(decay, StepWeights) and decay.weights == (1.0,)
    if method in (*_ONE_BY_ONE, ServiceMethod.TWO_STEP) and not is_one_zone:
        return f"{method} needs one zone, of weight 1: upper_minutes = [...], weights = [1.0]"
    if method in _ONE_BY_ONE and any(
        standard.kind is not StandardKind.FIXED or standard.value != 1
        for standard in service.standards
    ):
        return f"{method} counts each person for one: its standards are fixed, of value 1"
    if method is ServiceMethod.THREE_STEP and decay is None:
        return f"{method} needs zones or a decay"
    if (method is ServiceMethod.APL) != bool(service.use_rates):
        return "apl, and no other method, needs use_rates: the use of each age group"
    return ""
