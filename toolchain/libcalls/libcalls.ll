target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpfel"

; 128-bit multiplication and division under the names that LLVM calls, with the signatures that LLVM expects
; (an i128 returned in registers). See README.md of the folder above and src/lib.rs.
; (The linker recognises the file by its first line: no comment may stand above `target`.)

; Schoolbook multiplication in 32-bit halves. `noinline optnone`: LLVM recognises the pattern and would fold it back
; into a 128-bit multiplication, that is, into a call of this very function.
define i128 @__multi3(i128 %a, i128 %b) noinline optnone {
  %al = trunc i128 %a to i64
  %as = lshr i128 %a, 64
  %ah = trunc i128 %as to i64
  %bl = trunc i128 %b to i64
  %bs = lshr i128 %b, 64
  %bh = trunc i128 %bs to i64
  %al0 = and i64 %al, 4294967295
  %al1 = lshr i64 %al, 32
  %bl0 = and i64 %bl, 4294967295
  %bl1 = lshr i64 %bl, 32
  %p00 = mul i64 %al0, %bl0
  %p01 = mul i64 %al0, %bl1
  %p10 = mul i64 %al1, %bl0
  %p11 = mul i64 %al1, %bl1
  %p00h = lshr i64 %p00, 32
  %m1 = add i64 %p10, %p00h
  %m1l = and i64 %m1, 4294967295
  %m1h = lshr i64 %m1, 32
  %m2 = add i64 %p01, %m1l
  %m2h = lshr i64 %m2, 32
  %hi0 = add i64 %p11, %m1h
  %hi1 = add i64 %hi0, %m2h
  %c1 = mul i64 %al, %bh
  %c2 = mul i64 %ah, %bl
  %hi2 = add i64 %hi1, %c1
  %hi3 = add i64 %hi2, %c2
  %lo = mul i64 %al, %bl
  %loz = zext i64 %lo to i128
  %hiz = zext i64 %hi3 to i128
  %his = shl i128 %hiz, 64
  %r = or i128 %his, %loz
  ret i128 %r
}
; Division: split the operands, call the function compiled by rustc, load its result.
declare void @sbf_udivti3(ptr, i64, i64, i64, i64)
define i128 @__udivti3(i128 %a, i128 %b) {
  %p = alloca i128, align 16
  %al = trunc i128 %a to i64
  %as = lshr i128 %a, 64
  %ah = trunc i128 %as to i64
  %bl = trunc i128 %b to i64
  %bs = lshr i128 %b, 64
  %bh = trunc i128 %bs to i64
  call void @sbf_udivti3(ptr %p, i64 %al, i64 %ah, i64 %bl, i64 %bh)
  %v = load i128, ptr %p, align 16
  ret i128 %v
}
declare void @sbf_umodti3(ptr, i64, i64, i64, i64)
define i128 @__umodti3(i128 %a, i128 %b) {
  %p = alloca i128, align 16
  %al = trunc i128 %a to i64
  %as = lshr i128 %a, 64
  %ah = trunc i128 %as to i64
  %bl = trunc i128 %b to i64
  %bs = lshr i128 %b, 64
  %bh = trunc i128 %bs to i64
  call void @sbf_umodti3(ptr %p, i64 %al, i64 %ah, i64 %bl, i64 %bh)
  %v = load i128, ptr %p, align 16
  ret i128 %v
}
declare void @sbf_divti3(ptr, i64, i64, i64, i64)
define i128 @__divti3(i128 %a, i128 %b) {
  %p = alloca i128, align 16
  %al = trunc i128 %a to i64
  %as = lshr i128 %a, 64
  %ah = trunc i128 %as to i64
  %bl = trunc i128 %b to i64
  %bs = lshr i128 %b, 64
  %bh = trunc i128 %bs to i64
  call void @sbf_divti3(ptr %p, i64 %al, i64 %ah, i64 %bl, i64 %bh)
  %v = load i128, ptr %p, align 16
  ret i128 %v
}
declare void @sbf_modti3(ptr, i64, i64, i64, i64)
define i128 @__modti3(i128 %a, i128 %b) {
  %p = alloca i128, align 16
  %al = trunc i128 %a to i64
  %as = lshr i128 %a, 64
  %ah = trunc i128 %as to i64
  %bl = trunc i128 %b to i64
  %bs = lshr i128 %b, 64
  %bh = trunc i128 %bs to i64
  call void @sbf_modti3(ptr %p, i64 %al, i64 %ah, i64 %bl, i64 %bh)
  %v = load i128, ptr %p, align 16
  ret i128 %v
}
