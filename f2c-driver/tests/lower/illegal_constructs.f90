! What gfortran refuses of loops, constructs, statement functions, bounds and BLOCK DATA, and f2c takes.
subroutine a
  do 10 i = 1, 2
  if (j > 1) then
  j = 2
10 end if
end
subroutine b
  do 10 i = 1, 2
10 goto 20
20 continue
end
subroutine c
  do i = 1, 2
  read (10, *) (i, k = 1, 3)
  end do
end
subroutine d
  integer i(90)
  do i = 1, 2
  end do
end
subroutine e
  select case (j)
  j = 3
  case (1)
  end select
end
subroutine f
  select case (j)
  case (1:5)
  case (3)
  end select
end
subroutine g
  select case (x)
  case (1)
  end select
end
subroutine h
  select case (j)
  case (k)
  end select
end
subroutine i
  one: do i = 1, 2
  end do two
end
subroutine j
  real, parameter :: d = 1000
  dimension i(d)
end
subroutine k
  dimension e(3)
  f(e, b) = b - e
  y = f(1.0, 2.0)
end
subroutine l
  f(x) = x + 1
  y = f(1)
end
block data m
  common /foo/ a
  namelist /n/ a
end
subroutine n
  dimension i(3)
  print *, (i, i = 1, 3)
end
subroutine o
  integer :: i = z'FF'
end
subroutine p
  real x
  data x /z'FF'/
end
subroutine legal(n, l)
  logical l
  parameter (k = 4)
  dimension a(int(2.5))
  integer m
  data m /z'FF'/
  f(x) = x + real(1)
  goto 20
  do 10 i = 1, 2
  do 10 j = 1, 2
  if (i == 1) exit
10 continue
  one: select case (n)
  case (:1, 3) one
  case (k:) one
  a(1) = f(2.0); 20 a(2) = iand(m, z'F')
  case default
  read (10, *, rec = n) (a(i), i = 1, 3)
  end select one
  select case (l)
  case (.true.)
  case (.false.)
  end select
end
