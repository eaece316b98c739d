! Assignments whose right side, or whose subscripts, are what they change.
program p
  implicit none
  integer :: a(5), b(2,3), e(4), f(4), k, loop
  equivalence (e(2), f(1))
  a = (/1,2,3,4,5/)
  k = 2; loop = 3
  a = a(k); print *, a
  a = (/1,2,3,4,5/)
  a = a/a(5) + loop; print *, a
  a = (/1,2,3,4,5/)
  a(2:5) = a(1:4) + a(2:5); print *, a
  a = (/5,4,3,2,1/)
  a(a) = a; print *, a
  a = (/1,2,3,4,5/)
  a(1:a(3)) = 0; print *, a
  a = (/5,4,3,2,1/)
  a = maxval(a) - a(5:1:-1); print *, a
  b = 1; b(1,:) = (/1,2,3/); b(2,:) = b(1,3:1:-1); print *, b
  b = b + b(1,2); print *, b
  b(b(1,1)-2,:) = 2; print *, b
  e = (/1,2,3,4/)
  f(4) = 9
  e(1:3) = f(1:3); print *, e
  e = (/1,2,3,4/)
  f(1:3) = e(1:3); print *, e
  a = (/1,2,3,4,5/)
  a(5:1:-2) = (/a(2)+7, a(5), sum(a(2:4))/); print *, a
  a = (/a(5), a(4), a(1), a(2), a(3)/); print *, a
  e = (/1,2,3,4/)
  e(1:3) = (/f(2)+1, f(1), f(3)/); print *, e
  call counts()
end program

subroutine counts()
  integer :: calls
  common /c/ calls
  integer :: a(3), f
  calls = 0
  a = (/1,2,3/)
  print *, sum(a*f(1)), calls
  a = a + f(2)
  print *, a, calls
  a(1:f(1)) = 7
  print *, a, calls
end subroutine

integer function f(x)
  integer x, calls
  common /c/ calls
  calls = calls + 1
  f = x
end function
