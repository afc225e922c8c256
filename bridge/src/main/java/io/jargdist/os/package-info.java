/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The doors to the machine: system calls, descriptors, processes and their folders, peers of
 * sockets, the terminal. Nothing here knows of probes.
 */
@NullMarked
package io.jargdist.os;

import org.jspecify.annotations.NullMarked;
