/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What counts for one target, with the privilege: {@link io.jargdist.bridge.BridgeMain} is a
 * process of its own, the bridge process, and {@link io.jargdist.bridge.LocalBridge} is a bridge in
 * this one.
 */
@NullMarked
package io.jargdist.bridge;

import org.jspecify.annotations.NullMarked;
