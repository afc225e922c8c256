/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.specifier.Expression.TextMatch;
import io.jargdist.typing.TypedText;
import io.jargdist.typing.TypedValue.StringMatch;
import java.util.Locale;

/**
 * Writes the C functions that compare strings, one for each {@code STREQ} and the like. The
 * characters of a literal are {@link FilledNumbers}.
 */
final class StringMatchText {
  /**
   * So many parts of a text are searched. The verifier follows each step of each search: with 63
   * characters, these are 100,000 of the million instructions that it is ready to look at.
   */
  private static final int MOST_PARTS = 1024 / StringMatch.SEARCHED_BYTES;

  private final String prefix;
  private final ValueText values;
  private final FilledNumbers numbers;
  private final StringBuilder functions = new StringBuilder();
  private int count;

  /**
   * @param prefix begins the functions' names
   * @param values writes the functions' arguments
   * @param numbers collects the characters
   */
  StringMatchText(String prefix, ValueText values, FilledNumbers numbers) {
    this.numbers = numbers;
    this.prefix = prefix;
    this.values = values;
  }

  /** Returns the C text of all functions so far. */
  String functions() {
    return functions.toString();
  }

  /**
   * @param parameters as C
   * @param arguments as C
   * @param copy C statements that copy the text to where it is compared
   */
  private record Copy(String parameters, String arguments, String copy) {}

  String call(StringMatch match) {
    return match.match().searches() ? search(match) : comparison(match);
  }

  private String comparison(StringMatch match) {
    String name = prefix + count++;
    Copy copy = match.text().accept(new Copies(match));
    functions.append(
        String.format(
            Locale.ROOT,
            """
        static __always_inline int %s(%s) {
          u64 text[%d] = {};
          %s
          return (%s) == 0;
        }

        """,
            name,
            copy.parameters(),
            match.words(),
            copy.copy(),
            differences(match)));
    return name + "(" + copy.arguments() + ")";
  }

  private final class Copies implements TypedText.Visitor<Copy> {
    private final StringMatch match;
    private final int length;
    private final int size;

    Copies(StringMatch match) {
      this.match = match;
      this.length = match.literal().length();
      this.size = match.text().bytesToCompare(length);
    }

    @Override
    public Copy threadName(TypedText.ThreadName name) {
      return new Copy(
          "void", "", String.format(Locale.ROOT, "bpf_get_current_comm(text, %d);", size));
    }

    @Override
    public Copy terminated(TypedText.Terminated text) {
      return new Copy(
          "u64 address, u32 *failed",
          values.write(text.address()) + ", &failed",
          String.format(
              Locale.ROOT,
              "if (%s_str(text, %d, (void *)address) < 0) { *failed = 1; return 0; }",
              CTypes.reader(text.memory()),
              size));
    }

    @Override
    public Copy counted(TypedText.Counted text) {
      return new Copy(
          "u64 address, u64 length, u32 *failed",
          values.write(text.address()) + ", " + values.write(text.length()) + ", &failed",
          String.format(
              Locale.ROOT,
              "if (length %s %d) return 0;\n  if (%s(text, %d, (void *)address)) { *failed = 1; return 0; }",
              exact(match) ? "!=" : "<",
              length,
              CTypes.reader(text.memory()),
              length));
    }

    @Override
    public Copy kept(TypedText.Kept text) {
      throw new IllegalStateException("what is compared is kept as a number");
    }
  }

  private static boolean exact(StringMatch match) {
    return match.match() == TextMatch.EQUALS;
  }

  /**
   * Appends a function that reads a text once, some bytes at a time, and returns its call. Its
   * variables w0, w1 and so on are a window: its highest byte is the last one of the text so far,
   * and one that lies before the text is 0. An end is looked for with the NUL behind it. So nothing
   * behind a text is found, since all of that is 0.
   */
  private String search(StringMatch match) {
    String name = prefix + count++;
    Part part = match.text().accept(new Parts());
    int words = match.wantedWords();
    StringBuilder window = new StringBuilder();
    StringBuilder shifts = new StringBuilder();
    for (int word = 0; word < words; word++) {
      boolean last = word == words - 1;
      window.append(word == 0 ? "" : ", ").append("w").append(word).append(" = 0");
      shifts.append(
          String.format(
              Locale.ROOT,
              "        w%1$d = w%1$d >> 8 | %2$s << 56;\n",
              word,
              last ? "next" : "w" + (word + 1)));
    }
    functions.append(
        String.format(
            Locale.ROOT,
            """
        static __always_inline int %1$s(%2$s) {
          u64 %3$s;
        #pragma nounroll
          for (u32 part = 0; part < %4$d; part++) {
            u64 text[%5$d] = {};
        %6$s
            u64 missing = 1;
        #pragma nounroll
            for (u32 word = 0; word < %7$d; word++) {
              u64 next = text[word];
        #pragma nounroll
              for (u32 byte = 0; byte < 8; byte++) {
        %8$s        next >>= 8;
                u64 differences = %9$s;
                // Without a branch: the verifier would follow both ways of each.
                u64 negative = -differences;
                asm volatile("" : "+r"(negative));
                missing &= (differences | negative) >> 63;
              }
            }
            if (!missing) return 1;
            if (size < %10$d) return 0;
            address += %11$d;
          }
          return 0;
        }

        """,
            name,
            part.parameters(),
            window,
            part.most(),
            StringMatch.SEARCHED_WORDS,
            part.copy(),
            StringMatch.SEARCHED_WORDS - 1,
            shifts,
            windowDifferences(match),
            part.whole(),
            StringMatch.SEARCHED_BYTES));
    return name + "(" + part.arguments() + ")";
  }

  /** Returns C that is 0 if the window ends with what is looked for. */
  private String windowDifferences(StringMatch match) {
    String wanted = match.literal() + (match.match() == TextMatch.ENDS ? "\0" : "");
    int before = match.wantedWords() * Long.BYTES - wanted.length();
    StringBuilder differences = new StringBuilder();
    for (int word = 0; word < match.wantedWords(); word++) {
      long characters = 0;
      for (int i = 0; i < Long.BYTES; i++) {
        int at = word * Long.BYTES + i - before;
        characters |= at < 0 ? 0 : (long) wanted.charAt(at) << (8 * i);
      }
      String difference = String.format(Locale.ROOT, "(w%d ^ %s)", word, numbers.c(characters));
      differences.append(word == 0 ? "" : " | ");
      differences.append(
          word == 0 && before > 0
              ? String.format(Locale.ROOT, "%s >> %d", difference, 8 * before)
              : difference);
    }
    return differences.toString();
  }

  /**
   * @param parameters as C
   * @param arguments as C
   * @param most how many parts of the text are read
   * @param copy C statements that copy a part of the text, and set its size
   * @param whole the size of a part behind which the text goes on
   */
  private record Part(String parameters, String arguments, int most, String copy, int whole) {}

  private final class Parts implements TypedText.Visitor<Part> {
    @Override
    public Part threadName(TypedText.ThreadName name) {
      return new Part(
          "u64 address",
          "0",
          1,
          String.format(
              Locale.ROOT,
              """
                  s64 size = 0;
                  bpf_get_current_comm(text, %d);""",
              TypedText.THREAD_NAME_SIZE),
          0);
    }

    @Override
    public Part terminated(TypedText.Terminated text) {
      return new Part(
          "u64 address, u32 *failed",
          values.write(text.address()) + ", &failed",
          MOST_PARTS,
          String.format(
              Locale.ROOT,
              """
                  s64 size = %s_str(text, %d, (void *)address);
                  if (size < 0) { *failed = 1; return 0; }""",
              CTypes.reader(text.memory()),
              StringMatch.SEARCHED_BYTES + 1),
          StringMatch.SEARCHED_BYTES + 1);
    }

    @Override
    public Part counted(TypedText.Counted text) {
      return new Part(
          "u64 address, u64 length, u32 *failed",
          values.write(text.address()) + ", " + values.write(text.length()) + ", &failed",
          MOST_PARTS,
          String.format(
              Locale.ROOT,
              """
                  u64 size = CONTEXT(length);
                  if (size > %1$d) size = %1$d;
                  if (%2$s(text, size, (void *)address)) { *failed = 1; return 0; }
                  length -= size;""",
              StringMatch.SEARCHED_BYTES,
              CTypes.reader(text.memory())),
          StringMatch.SEARCHED_BYTES);
    }

    @Override
    public Part kept(TypedText.Kept text) {
      throw new IllegalStateException("what is compared is kept as a number");
    }
  }

  /**
   * Returns C that compares words without a branch. With one branch for each character, the
   * verifier would have to look at more states than it allows.
   */
  private String differences(StringMatch match) {
    String literal = match.literal();
    int compared = literal.length() + (exact(match) ? 1 : 0);
    StringBuilder differences = new StringBuilder();
    for (int word = 0; word * Long.BYTES < compared; word++) {
      long wanted = 0;
      long mask = 0;
      for (int i = 0; i < Long.BYTES && word * Long.BYTES + i < compared; i++) {
        int at = word * Long.BYTES + i;
        long character = at < literal.length() ? literal.charAt(at) : 0;
        wanted |= character << (8 * i);
        mask |= 0xffL << (8 * i);
      }
      differences.append(
          String.format(
              Locale.ROOT,
              "%s((text[%d] ^ %s) & 0x%xULL)",
              word == 0 ? "" : " | ",
              word,
              numbers.c(wanted),
              mask));
    }
    return differences.toString();
  }
}
