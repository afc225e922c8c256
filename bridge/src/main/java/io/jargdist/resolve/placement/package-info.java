/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** At which instruction of a function a probe costs least without seeing anything else. */
@NullMarked
package io.jargdist.resolve.placement;

import org.jspecify.annotations.NullMarked;
