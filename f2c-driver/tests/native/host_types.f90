! Constants, strings and functions of a host.
program p
  implicit none
  integer, parameter :: dp = kind(1.d0), n = 3
  real(dp), parameter :: v(n) = (/1._dp, 2._dp, 3._dp/)
  character(len=*), parameter :: tag = 'tag'
  real(dp) :: acc
  character(len=4) :: s, arr(2)
  logical :: ok
  acc = 0
  s = 'abcd'
  arr = 'zz'
  ok = .false.
  call add(2.0_dp)
  if (check()) print *, 'checked'
  print *, acc, s, arr, ok, sq(3)
  print '(a/a/a)', 'the', 'end', 'of it'
contains
  subroutine add(x)
    real(dp), intent(in) :: x
    acc = acc + x*v(2)
    s(2:3) = tag
    arr(2)(1:1) = 'q'
    if (check()) ok = .true.
  end subroutine
  logical function check()
    check = acc > 1
  end function
  integer function sq(i)
    integer, intent(in) :: i
    sq = i*i + n + twice(i)
  end function
  integer function twice(i)
    integer :: i
    twice = 2*i
  end function
end program
