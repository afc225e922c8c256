/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.PathTrust;
import io.jargdist.child.PrivateDirectory;
import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelFile;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import io.jargdist.os.TargetRights;
import io.jargdist.os.TargetRights.FileAction;
import io.jargdist.os.TargetRights.FileWork;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a target's user in which that user's JVMs find what the command line gives them:
 * the agent's jar, which stays, since a JVM keeps its path for good, and sockets. No other user can
 * put anything there, or another folder in its place. Owns descriptors of it and of the target's
 * root.
 *
 * <p>The first of these that can be trusted, as the target sees them: {@code
 * $XDG_CACHE_HOME/jargdist} and {@code $HOME/.cache/jargdist} of its environment, made and written
 * with its user's rights; else {@code /run/jargdist}, if we are root and the target sees our own:
 * its user can read there and change nothing.
 */
final class AgentFolder implements AutoCloseable {
  private static final String OURS = "/run/jargdist";
  private static final String JARS = "agent";

  /** Longer paths do not fit into the address of a socket (108 bytes, unix(7)). */
  private static final int LONGEST = 60;

  /** A path goes into options that are split at blanks, after a path that ends with "=". */
  private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9/._@%+-]*");

  /** The JVM takes what follows the first "=" in a jar's path for options. */
  private static final Pattern JAR = Pattern.compile("/[ -<>-~]*");

  private static final int OURS_TO_SEE = 0711;

  private final TargetFolder root;
  private final TargetFolder folder;
  private final Set<Integer> trusted;
  private final TargetRights rights;
  private final boolean ours;

  private AgentFolder(
      TargetFolder root,
      TargetFolder folder,
      Set<Integer> trusted,
      TargetRights rights,
      boolean ours) {
    this.root = root;
    this.folder = folder;
    this.trusted = trusted;
    this.rights = rights;
    this.ours = ours;
  }

  /**
   * @param rights of the target's user
   * @throws IOException in one line why there is none, and what to do
   */
  static AgentFolder open(ProcessReference target, ProcessStatus status, TargetRights rights)
      throws IOException {
    Set<Integer> trusted = ProcessStatus.trustedUsers(target.pid());
    TargetFolder root = TargetFolder.root(target);
    List<String> refused = new ArrayList<>();
    try {
      for (String candidate : candidates(target.pid())) {
        try {
          TargetFolder folder =
              rights.call(() -> theirs(root, candidate, trusted, status.effectiveUid()));
          return new AgentFolder(root, folder, trusted, rights, false);
        } catch (IOException e) {
          refused.add(String.valueOf(e.getMessage()));
        }
      }
      if (ProcessStatus.of("self").effectiveUid() == 0) {
        try {
          return new AgentFolder(root, ours(root), trusted, rights, true);
        } catch (IOException e) {
          refused.add(String.valueOf(e.getMessage()));
        }
      }
      throw new IOException(
          "no folder for the agent that no other user can change is known to process "
              + target.pid()
              + (refused.isEmpty() ? "" : " (" + String.join("; ", refused) + ")")
              + ": start it with XDG_CACHE_HOME set to one, or with -javaagent:jargdist.jar");
    } catch (IOException | RuntimeException e) {
      root.close();
      throw e;
    }
  }

  private static List<String> candidates(long pid) throws IOException {
    List<String> found = new ArrayList<>();
    String cache = environment(pid, "XDG_CACHE_HOME");
    String home = environment(pid, "HOME");
    if (cache != null) {
      found.add(cache + "/jargdist");
    }
    if (home != null) {
      found.add(home + "/.cache/jargdist");
    }
    found.removeIf(path -> path.length() > LONGEST || !PLAIN.matcher(path).matches());
    return found;
  }

  private static @Nullable String environment(long pid, String name) throws IOException {
    String content = KernelFile.text(Path.of("/proc", Long.toString(pid), "environ"));
    for (String variable : content.split("\0")) {
      if (variable.startsWith(name + "=/")) {
        return variable.substring(name.length() + 1).replaceFirst("/+$", "");
      }
    }
    return null;
  }

  /** Makes the folder if it is missing, and the one above it. */
  private static TargetFolder theirs(TargetFolder root, String path, Set<Integer> trusted, int user)
      throws IOException {
    int slash = path.lastIndexOf('/');
    try (TargetFolder parent = parent(root, path.substring(0, slash), trusted)) {
      TargetFolder folder = parent.make(path.substring(slash + 1), TargetFolder.PRIVATE);
      FileStatus status = folder.status();
      if (status.uid() != user || (status.mode() & 077) != 0) {
        folder.close();
        throw new IOException(folder.path() + " is not a private folder of its user: remove it");
      }
      return folder;
    }
  }

  private static TargetFolder parent(TargetFolder root, String path, Set<Integer> trusted)
      throws IOException {
    try {
      return root.findTrusted(path, PathTrust.LASTING, trusted);
    } catch (IOException e) {
      int slash = path.lastIndexOf('/');
      String name = path.substring(slash + 1);
      if (slash < 0 || name.startsWith("..")) {
        throw e;
      }
      try (TargetFolder above =
          root.findTrusted(path.substring(0, slash), PathTrust.LASTING, trusted)) {
        TargetFolder made = above.make(name, TargetFolder.PRIVATE);
        judge(made, made.status(), trusted);
        return made;
      }
    }
  }

  private static void judge(TargetFolder folder, FileStatus status, Set<Integer> trusted)
      throws IOException {
    String fault = PathTrust.LASTING.fault(status.uid(), status.mode(), trusted);
    if (fault != null) {
      folder.close();
      throw new IOException(folder.path() + " " + fault);
    }
  }

  /** Our own folder, if it is the one that the target finds there. */
  private static TargetFolder ours(TargetFolder root) throws IOException {
    try (ProcessReference self = ProcessReference.open(ProcessHandle.current().pid());
        TargetFolder ownRoot = TargetFolder.root(self);
        TargetFolder run = ownRoot.findTrusted("/run", PathTrust.LASTING, Set.of(0))) {
      TargetFolder folder = run.make("jargdist", OURS_TO_SEE);
      try {
        judge(folder, folder.status(), Set.of(0));
        folder.permit(OURS_TO_SEE);
        try (TargetFolder seen = root.findTrusted(OURS, PathTrust.LASTING, Set.of(0))) {
          if (!seen.status().isSameFile(folder.status())) {
            throw new IOException(OURS + " is another folder there");
          }
        }
        return folder;
      } catch (IOException e) {
        folder.close();
        throw e;
      }
    }
  }

  /** Works there with the rights that belong to it. */
  <T> T call(FileWork<T> work) throws IOException {
    return ours ? work.run() : rights.call(work);
  }

  /** The same, of which only the effect is wanted. */
  void act(FileAction action) throws IOException {
    if (ours) {
      action.run();
    } else {
      rights.act(action);
    }
  }

  /** Lets the target's user use a socket in a folder of ours. No other user can list the folder. */
  void openToTarget(TargetFolder temporary, String socket) throws IOException {
    if (ours) {
      temporary.permit(socket, 0666);
    }
  }

  /** Makes a folder for sockets. Its name cannot be guessed. */
  TargetFolder makeTemporary() throws IOException {
    return call(
        () -> {
          folder.removeOld(PrivateDirectory.TEMPORARY, PrivateDirectory.ABANDONED);
          TargetFolder made =
              folder.makeUnique(
                  PrivateDirectory.TEMPORARY, ours ? OURS_TO_SEE : TargetFolder.PRIVATE);
          if (ours) {
            made.permit(OURS_TO_SEE);
          }
          return made;
        });
  }

  /** Removes a folder that {@link #makeTemporary} made, and that is empty. */
  void remove(TargetFolder temporary) throws IOException {
    act(() -> folder.removeFolder(temporary.name()));
  }

  /**
   * Returns whether the target finds a jar at a path: a regular file that only its user and root
   * can replace.
   *
   * @param path as the target sees it
   * @param trust how long that must hold
   * @param content of the jar
   */
  boolean hasJar(String path, PathTrust trust, byte[] content) {
    return has(path, trust, content);
  }

  /** The same, whatever is in the file. */
  boolean hasFile(String path, PathTrust trust) {
    return has(path, trust, null);
  }

  private boolean has(String path, PathTrust trust, byte @Nullable [] content) {
    int slash = path.lastIndexOf('/');
    if (slash < 0 || !JAR.matcher(path).matches()) {
      return false;
    }
    String name = path.substring(slash + 1);
    try {
      return rights.call(
          () -> {
            try (TargetFolder parent = root.findTrusted(path.substring(0, slash), trust, trusted)) {
              FileStatus status = parent.status(name);
              return status != null
                  && status.isRegular()
                  && trust.fault(status.uid(), status.mode(), trusted) == null
                  && (content == null || parent.hasContent(name, content));
            }
          });
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Copies a jar to here, under a name that tells its content. It stays: the JVM that loads it
   * keeps its path for good.
   *
   * @return its path, as the target sees it
   */
  String copy(byte[] jar) throws IOException {
    return call(
        () -> {
          int folderMode = ours ? 0755 : TargetFolder.PRIVATE;
          try (TargetFolder jars = folder.make(JARS, folderMode)) {
            judge(jars, jars.status(), trusted);
            String name = "jargdist-" + hash(jar) + ".jar";
            if (jars.status(name) == null) {
              jars.removeOld("new-", PrivateDirectory.ABANDONED);
              jars.makeFile(name, ours ? 0644 : 0600, jar);
            }
            if (ours) {
              jars.permit(folderMode);
              jars.permit(name, 0644);
            }
            FileStatus made = jars.status(name);
            if (made == null
                || PathTrust.LASTING.fault(made.uid(), made.mode(), trusted) != null
                || !jars.hasContent(name, jar)) {
              throw new IOException(
                  jars.inside(name) + " is not the jar that its name says: remove it");
            }
            return jars.inside(name);
          }
        });
  }

  private static String hash(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns the target's /tmp, in which HotSpot looks for who wants to attach. */
  TargetFolder tmp() throws IOException {
    return root.find("/tmp");
  }

  @Override
  public void close() {
    folder.close();
    root.close();
  }
}
