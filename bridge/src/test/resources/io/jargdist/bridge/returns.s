# Copyright The jargdist authors
# SPDX-License-Identifier: Apache-2.0

.macro function name
.text
.globl \name
.type \name, @function
\name:
.endm

.macro end name
.size \name, . - \name
.endm

.macro piece name
.section .text.unlikely, "ax", @progbits
.type \name, @function
\name:
.endm

#plain: 1 return instruction
function plain
  movq %rdi, %rax
  ret
end plain

#two: 2 return instructions
function two
  testq %rdi, %rdi
  je 1f
  ret
1:movq %rdi, %rax
  ret
  nop
end two

#prefixed: 2 return instructions
function prefixed
  testq %rdi, %rdi
  bnd je 1f
  repz ret
1:lock incl (%rsp)
  bnd ret
end prefixed

#jump_behind_a_prefix: no: not all of it can be decoded, at jump_behind_a_prefix+6
function jump_behind_a_prefix
  testq %rdi, %rdi
  je 1f
  .byte 0xf0
1:incl (%rsp)
  ret
end jump_behind_a_prefix

#cold_returns: 2 return instructions
function cold_returns
  testq %rdi, %rdi
  je 1f
  ret
end cold_returns
piece cold_returns.cold
1:xorl %eax, %eax
  ret
end cold_returns.cold

#cold_comes_back: 1 return instruction
function cold_comes_back
  testq %rdi, %rdi
  je 1f
2:ret
end cold_comes_back
piece cold_comes_back.cold
  nop
1:xorl %eax, %eax
  jmp 2b
end cold_comes_back.cold

#goes_on_elsewhere: 2 return instructions, 1 of them in functions that it jumps to
function goes_on_elsewhere
  testq %rdi, %rdi
  je plain
  ret
end goes_on_elsewhere

#goes_on_twice: 2 return instructions, 2 of them in functions that it jumps to
function goes_on_twice
  nop
  jmp goes_on_elsewhere
end goes_on_twice

#leaves_the_library: no: it jumps to code without a symbol, at leaves_the_library+1
function leaves_the_library
  nop
  jmp free@plt
end leaves_the_library

#goes_on_where_that_is: no: it jumps to code without a symbol, at leaves_the_library+1
function goes_on_where_that_is
  nop
  jmp leaves_the_library
end goes_on_where_that_is

#by_a_table: no: it jumps to where only the running program knows: jmpq *0x28(%rax) at by_a_table+3
function by_a_table
  movq (%rdi), %rax
  jmpq *0x28(%rax)
end by_a_table

#cases: 4 return instructions
function cases
  cmpl $2, %edi
  ja 4f
  leaq table(%rip), %rdx
  movl %edi, %edi
  movslq (%rdx,%rdi,4), %rax
  addq %rdx, %rax
  notrack jmpq *%rax
1:movl $1, %eax
  ret
2:movl $2, %eax
  ret
3:movl $3, %eax
  ret
4:xorl %eax, %eax
  ret
end cases
.section .rodata
table:
  .long 1b - table
  .long 2b - table
  .long 3b - table
  .long 0x12345678

#cases_of_memory: 2 return instructions
function cases_of_memory
  cmpb $0, 8(%rdi)
  ja 4f
  leaq table_2(%rip), %rcx
  movzbl 8(%rdi), %eax
  movslq (%rcx,%rax,4), %rax
  addq %rax, %rcx
  jmpq *%rcx
1:ret
4:ret
end cases_of_memory
.section .rodata
table_2:
  .long 1b - table_2

#cases_without_a_number: no: it has a switch whose table is not understood: jmpq *%rax at cases_without_a_number+14
function cases_without_a_number
  leaq table_2(%rip), %rdx
  movslq (%rdx,%rdi,4), %rax
  addq %rdx, %rax
  jmpq *%rax
end cases_without_a_number

#cases_of_another_number: no: it has a switch whose table is not understood: jmpq *%rax at cases_of_another_number+20
function cases_of_another_number
  cmpq $1, %rsi
  ja 1f
  leaq table_2(%rip), %rdx
  movslq (%rdx,%rdi,4), %rax
  addq %rdx, %rax
  jmpq *%rax
1:ret
end cases_of_another_number

#cases_by_the_back_door: no: it has a switch whose table is not understood, at cases_by_the_back_door+23
function cases_by_the_back_door
  nop
  je 2f
  cmpq $1, %rdi
  ja 1f
2:leaq table_3(%rip), %rdx
  movslq (%rdx,%rdi,4), %rax
  addq %rdx, %rax
  jmpq *%rax
1:ret
end cases_by_the_back_door
.section .rodata
table_3:
  .long 1b - table_3
  .long 1b - table_3

#into_another: no: it jumps into another function, to two+5, at into_another+1
function into_another
  nop
  jmp two + 5
end into_another

#loops: no: it jumps to its own entry, at loops+2
function loops
  decl %edi
  jne loops
  ret
end loops

#not_reached: no: it has returns that no known way leads to, at not_reached+4
function not_reached
  nop
  ret
  xorl %eax, %eax
  ret
end not_reached

#not_reached_but_harmless: 1 return instruction
function not_reached_but_harmless
  nop
  ret
  xorl %eax, %eax
  call plain
end not_reached_but_harmless

#only_returns: no: it does nothing but return
function only_returns
  ret
end only_returns

#never: no: it never returns
function never
  nop
  call abort@plt
end never

#stops: no: it never returns
function stops
  nop
  ud2
end stops

#calls_what_never_returns: 1 return instruction
function calls_what_never_returns
  testq %rdi, %rdi
  je 1f
  ret
1:call abort@plt
end calls_what_never_returns

#runs_on: no: it runs on into what follows it, at runs_on
function runs_on
  movq %rdi, %rax
end runs_on

#returns_far: no: it returns by an instruction that is no plain return, at returns_far+1
function returns_far
  nop
  lret
end returns_far

#takes_arguments_off: no: it returns by an instruction that is no plain return, at takes_arguments_off+1
function takes_arguments_off
  nop
  ret $8
end takes_arguments_off

#into_an_instruction: no: not all of it can be decoded, at into_an_instruction+3
function into_an_instruction
  xorl %eax, %eax
  .byte 0xeb, 0xff, 0xc0
  ret
end into_an_instruction

#no_instruction: no: not all of it can be decoded, at no_instruction+1
function no_instruction
  nop
  .byte 0x06
  ret
end no_instruction

#many: 64 return instructions
function many
.rept 63
  testq %rdi, %rdi
  je 1f
  ret
1:
.endr
  ret
end many

#too_many: no: it has 65 return instructions, more than 64
function too_many
.rept 64
  testq %rdi, %rdi
  je 1f
  ret
1:
.endr
  ret
end too_many

#without_an_end: no: no symbol says where it ends, or it is too large
function without_an_end
  nop
  ret

.section .note.GNU-stack, "", @progbits
