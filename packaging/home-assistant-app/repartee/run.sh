#!/bin/sh
# Options of the app to settings, then the assistant. Home Assistant lets apps in by the token in SUPERVISOR_TOKEN.
set -eu
option() { jq -r "$1 // empty" /data/options.json; }

REPARTEE_SYSTEM__DATA=/data/repartee
REPARTEE_SYSTEM__HOST=0.0.0.0
REPARTEE_SYSTEM__TOKEN="$(option .token)"
REPARTEE_BRAIN__LANGUAGE="$(option .language)"
REPARTEE_HOME__HOME_ASSISTANT__URL=http://supervisor/core
REPARTEE_HOME__HOME_ASSISTANT__TOKEN=env:SUPERVISOR_TOKEN
REPARTEE_DOORS__WYOMING__ON=true
REPARTEE_DOORS__WYOMING__HOST=0.0.0.0
REPARTEE_DOORS__WYOMING__ALLOW='["172.30.32.0/23", "192.168.0.0/16", "10.0.0.0/8"]'
export REPARTEE_SYSTEM__DATA REPARTEE_SYSTEM__HOST REPARTEE_BRAIN__LANGUAGE
export REPARTEE_HOME__HOME_ASSISTANT__URL REPARTEE_HOME__HOME_ASSISTANT__TOKEN
export REPARTEE_DOORS__WYOMING__ON REPARTEE_DOORS__WYOMING__HOST REPARTEE_DOORS__WYOMING__ALLOW
if [ -n "$REPARTEE_SYSTEM__TOKEN" ]; then
  export REPARTEE_SYSTEM__TOKEN
else
  unset REPARTEE_SYSTEM__TOKEN
  REPARTEE_SYSTEM__HOST=127.0.0.1
fi
uri="tcp://$(hostname):10300"
curl -fsS -X POST -H "Authorization: Bearer ${SUPERVISOR_TOKEN}" -H "Content-Type: application/json" \
  -d "{\"service\": \"wyoming\", \"config\": {\"uri\": \"${uri}\"}}" http://supervisor/discovery >/dev/null \
  || echo "Home Assistant was not told; add the integration Wyoming Protocol with ${uri}" >&2
exec /opt/repartee/bin/repartee serve
