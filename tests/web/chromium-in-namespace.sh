#!/bin/sh
# Chromium in the network namespace $NAMESPACE.
exec ip netns exec "$NAMESPACE" /usr/bin/chromium "$@"
