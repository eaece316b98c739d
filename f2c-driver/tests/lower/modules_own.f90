module numbers
  implicit none
  integer, parameter :: a = 5, b = 6
  real, parameter :: tenth = 0.1
  double precision, parameter :: single = 0.1, third = 1.0/3.0, exact = 0.1d0
end module
subroutine s(x)
  use numbers, c => a
  double precision :: x
  x = single*b + c
end subroutine
subroutine t(x)
  use numbers, only: exact, third
  double precision :: x
  x = exact + third
end subroutine
