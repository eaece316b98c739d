! Statements that f2c reads otherwise than gfortran, or stops at.
module numbers
  integer, parameter :: n = 3
end module
program p
  implicit real(kind=8) (a-g, o-z), integer(2) (h)
  complex c
  integer q(5), loop, m, d8(8)
  dimension a(4,4)
  character(len=8) day
  character(len=10) hour
  double precision derf
  real r(10), harvest(3)
  common /block/ w(10/2)
  external passed
  data c /(1,0.5)/, q(1:3) /1,2,3/, q(4:5) /2*9/
  hold = 300
  x = 1
  print *, c, q, x/3, hold
  loop = 2
  a = 0
  a(loop+1,:) = 5
  a(loop,:) = a(loop+1,:)*2
  print *, a
  call apply(passed, 2)
  inquire (iolength=m) r, c, q(2:4), 'abc'
  print *, m
  call date_and_time(day, hour, values=d8)
  print *, day(1:2) == '20', d8(1) > 2000, len_trim(hour)
  call system_clock(m, count_rate=i)
  print *, m >= 0, i
  call random_seed()
  call random_number(harvest)
  print *, all(harvest >= 0 .and. harvest < 1)
  i = 0
  call mvbits(7, 1, 2, i, 4)
  print *, i, iargc(), command_argument_count()
  call get_command_argument(9, day, status=m)
  print *, m > 0, day == ' '
  print *, besj0(1.0), derf(0.5d0), dgamma(4d0), 2**(-1), (-1)**(-3)
  print *, [(i*i, i = 1, 4)]
  call deep(3)
  flush (6)
  call flush
  call exit
end program
subroutine apply(b, k)
  implicit none
  integer k
  call b(k)
end subroutine
subroutine passed(k)
  use numbers
  print *, 'passed', k, n
end subroutine
recursive subroutine deep(k)
  real a(20000)
  a(1) = k
  a(20000) = -k
  if (k > 0) call deep(k - 1)
  print *, k, a(1), a(20000)
end subroutine
real function plain(function_h, x)
  external function_h
  real function_h, x
  plain = function_h(x)
end function
