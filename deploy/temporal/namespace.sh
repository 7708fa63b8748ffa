#!/bin/sh
# Makes the namespace that Backhaul works in; safe to run again. The temporal CLI reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

: "${TEMPORAL_ADDRESS:?is the address of the Temporal server, such as temporal:7233}"
: "${TEMPORAL_NAMESPACE:?is the name of the namespace}"
: "${TEMPORAL_RETENTION:?is how long closed runs stay in Temporal, such as 30d}"

ATTEMPTS=60

# Runs a command until it succeeds; what it said the last time is printed when it never does.
wait_for() {
  attempt=1
  until said=$("$@" 2>&1); do
    if [ "$attempt" -ge "$ATTEMPTS" ]; then
      echo "gave up after $ATTEMPTS attempts: $said" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 1
  done
}

# The port is open before the server takes calls.
wait_for temporal operator cluster health
if temporal operator namespace describe >/dev/null 2>&1; then
  echo "namespace $TEMPORAL_NAMESPACE is there"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi
# Parts of the server learn of a new namespace some seconds later, and what comes next must not be too early.
wait_for temporal workflow list --limit 1
echo "namespace $TEMPORAL_NAMESPACE takes work"
