"""For machines, without a login: /healthz and /metrics. Nothing about visits."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict

from fastapi import APIRouter, HTTPException
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import desk_of
from gate.console.refused_count import refused_by_devices
from gate.lanes.views import ClockView

router = APIRouter()


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """How the daemon is, for `gate status`."""
    overview = await desk_of(request).checkpoint.overview()
    system = overview.system
    return JSONResponse(
        {
            "site": system.site,
            "safe_mode": system.safe_mode,
            "central": system.central,
            "broker": system.broker,
            "mqtt_refused": refused_messages(),
            "refused": refused_by_devices(),
            "anpr": system.anpr,
            "evidence": system.evidence,
            "outbox_waiting": system.outbox_waiting,
            "clock": _clock(system.clock),
            "certificates": [
                asdict(one) | {"until": one.until.isoformat() if one.until else None}
                for one in system.certificates
            ],
            "points": [
                {"name": point.name, "phase": point.phase, "faults": list(point.faults)}
                for point in overview.points
            ],
        },
        200 if system.safe_mode is None else 503,
    )


def _clock(clock: ClockView) -> dict[str, object]:
    told = asdict(clock)
    return told | {"measured_at": clock.measured_at.isoformat() if clock.measured_at else None}


def refused_messages() -> dict[str, int]:
    """How many MQTT messages were refused since the start, by reason; by none that never occurred."""
    return {
        sample.labels["reason"]: int(sample.value)
        for metric in REGISTRY.collect()
        if metric.name == "gate_mqtt_refused"
        for sample in metric.samples
        if sample.name == "gate_mqtt_refused_total" and sample.value
    }


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus figures, to this machine only: an exporter here passes them on."""
    if not _is_loopback(request.client.host if request.client else ""):
        raise HTTPException(403, "Metrics are given to this machine only.")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
