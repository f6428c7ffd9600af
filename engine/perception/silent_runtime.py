# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
"""ONNX Runtime with its telemetry off. Whatever needs it, itself or through another library,
imports this first.

Official builds report to their maker over the network and keep a device id and a queue in the cache
folder of the user, unless `ORT_DISABLE_TELEMETRY` is set before they are loaded (Privacy.md of
ONNX Runtime). Switching it off through the API comes too late for the first event.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime  # (the variable is read while it is loaded)

# Builds for Windows that trace through the system do not know the variable.
onnxruntime.disable_telemetry_events()

__all__ = ["onnxruntime"]
